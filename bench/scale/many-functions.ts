import { systemClock, systemRandom } from '../../lib/clock.ts';
import { isTrue } from '../../lib/api/conditions.ts';
import { labels } from '../../lib/api/names.ts';
import { functions } from '../../lib/api/resources.ts';
import { openConnection } from '../../lib/kube/connect.ts';
import { createClient, type HttpClient } from '../../lib/kube/http-client.ts';
import { listAll } from '../../lib/kube/list-all.ts';
import { pods } from '../../lib/kube/resources.ts';
import { type LocalFlint, startLocalFlint } from '../../e2e/framework/local-target.ts';
import { send } from '../../e2e/framework/http.ts';
import { Kubectl } from '../../e2e/framework/kubectl.ts';
import { functionManifest, greeting } from '../../e2e/framework/manifest.ts';
import { eventually, pause } from '../../e2e/framework/patience.ts';
import { type Figure, makeFigure, type Progress } from '../figures.ts';
import { residentMb } from '../local/bare-node.ts';
import { countWrites, describeWrites, difference, readRequests } from './requests.ts';

const many = 1000;
const awake = 200;
const prefix = 'one-of-many-';
/** Buffers of the burst are given back, and what comes late has come. */
const settleMs = 10_000;
const restMs = 60_000;
const wakesAtOnce = 10;
/** 200 Pods of the Runtime's 50m each would need ten cores. */
const resources = { requests: { cpu: '1m', memory: '1Mi' } };
const patience = { withinMs: 600_000, everyMs: 250 };

/** A thousand functions at zero on the embedded cluster, what they cost at rest, and 200 of them running at once. */
export async function manyFunctions(progress: Progress): Promise<Figure[]> {
  const flint = await startLocalFlint();
  const connection = await openConnection({ kind: 'kubeconfig', file: flint.ready.kubeconfig });
  const client = createClient({ connection, clock: systemClock, random: systemRandom, userAgent: 'flint-bench' });
  try {
    const bench = { flint, client, progress };
    // The example goes to zero on its own, which would be counted among what is written at rest.
    await new Kubectl(flint.target, 'default').run('delete', 'function', 'hello');
    const applied = await timeApply(bench);
    const rest = await measureRest(bench);
    return [applied, ...rest, ...(await wakeMany(bench))];
  } finally {
    await client.close();
    await flint.stop();
  }
}

interface Bench {
  readonly flint: LocalFlint;
  readonly client: HttpClient;
  readonly progress: Progress;
}

async function timeApply({ flint, client, progress }: Bench): Promise<Figure> {
  progress(`applying ${many} functions`);
  const manifests = Array.from({ length: many }, (_, index) =>
    functionManifest(`${prefix}${index}`, greeting(String(index)), {
      scaling: { initialReplicas: 0, idleTimeout: '10m' },
      resources,
    }),
  );
  const startedAt = performance.now();
  await new Kubectl(flint.target, 'default').apply(manifests.join('---\n'), '--server-side');
  progress(`kubectl is done after ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
  await eventually(
    `${many} functions are Ready`,
    async () => ((await countReady(client)) === many ? true : undefined),
    patience,
  );
  const seconds = (performance.now() - startedAt) / 1000;
  progress(`all are Ready after ${seconds.toFixed(1)} s`);
  return makeFigure({ name: 'apply_1000_ready_s', unit: 's', samples: [seconds], goal: { atMost: 30 } });
}

async function countReady(client: HttpClient): Promise<number> {
  const found = await listAll(client, functions, { namespace: 'default' });
  return found.filter(({ metadata, status }) => metadata.name.startsWith(prefix) && isTrue(status?.conditions, 'Ready'))
    .length;
}

async function measureRest({ flint, progress }: Bench): Promise<Figure[]> {
  await pause(settleMs);
  const { operator, activator } = flint.ready.processes;
  const [operatorMb, activatorMb] = [await residentMb(operator), await residentMb(activator)];
  progress(`at rest for ${restMs / 1000} s`);
  const before = await readRequests(flint.ready);
  await pause(restMs);
  const requests = difference(before, await readRequests(flint.ready));
  if (countWrites(requests) > 0) {
    progress(`written at rest: ${describeWrites(requests)}`);
  }
  return [
    makeFigure({ name: 'operator_rss_1000_mb', unit: 'MB', samples: [operatorMb], goal: { atMost: 150 } }),
    makeFigure({ name: 'activator_rss_1000_mb', unit: 'MB', samples: [activatorMb], goal: { atMost: 110 } }),
    makeFigure({ name: 'rest_api_writes', unit: '', samples: [countWrites(requests)], goal: { atMost: 0 } }),
  ];
}

/** Wakes 200 of them, some at a time as a machine with few cores can start processes, until all run at once. */
async function wakeMany({ flint, client, progress }: Bench): Promise<Figure[]> {
  progress(`waking ${awake} functions`);
  const names = Array.from({ length: awake }, (_, index) => `${prefix}${index}`);
  const startedAt = performance.now();
  const { endpoint, domain } = flint.target;
  const waiting = names.values();
  const answers: number[] = [];
  await Promise.all(
    Array.from({ length: wakesAtOnce }, async () => {
      for (const name of waiting) {
        const { status, durationMs } = await send(endpoint, `${name}.default.${domain}`, {});
        if (status !== 200) {
          throw new Error(`${name} answered ${status}`);
        }
        answers.push(durationMs);
      }
    }),
  );
  const seconds = (performance.now() - startedAt) / 1000;
  const running = await eventually(
    `${awake} Pods are Ready at once`,
    async () => {
      const count = await countReadyPods(client);
      return count >= awake ? count : undefined;
    },
    patience,
  );
  return [
    makeFigure({ name: 'running_pods', unit: '', samples: [running] }),
    makeFigure({ name: 'wake_200_s', unit: 's', samples: [seconds] }),
    makeFigure({ name: 'wake_200_answer_ms_p50', unit: 'ms', samples: answers }),
    makeFigure({ name: 'wake_200_answer_ms_p95', unit: 'ms', samples: answers, quantile: 0.95 }),
  ];
}

async function countReadyPods(client: HttpClient): Promise<number> {
  const found = await listAll(client, pods, { namespace: 'default', labelSelector: labels.function });
  return found.filter(({ status }) => isTrue(status?.conditions, 'Ready')).length;
}
