import { setTimeout as sleep } from 'node:timers/promises';
import { isTrue } from '../../lib/api/conditions.ts';
import { functions } from '../../lib/api/resources.ts';
import { listAll } from '../../lib/kube/list-all.ts';
import type { KubeObject } from '../../lib/kube/objects.ts';
import { functionManifest, greeting } from '../../e2e/framework/manifest.ts';
import { eventually } from '../../e2e/framework/patience.ts';
import type { Steps } from '../../e2e/framework/steps.ts';
import { type Figure, makeFigure } from '../figures.ts';
import type { Bench } from './bench.ts';

const many = 1000;
const prefix = 'one-of-many-';
/** The kubelet looks at working sets every 10 s or so. */
const settleMs = 30_000;

/** What Flint itself costs where there is no function yet. */
export async function measureIdle({ story }: Bench): Promise<Figure[]> {
  await sleep(settleMs);
  const samples = [await workingSet(story)];
  return [makeFigure({ name: 'control_plane_mib_0', unit: 'MiB', samples, goal: { atMost: 150 } })];
}

/** What it costs with a thousand functions that are at zero, and what each of them adds to the cluster. */
export async function measureMany({ story, client, progress }: Bench): Promise<Figure[]> {
  const objectsBefore = await countObjects(story);
  const writesBefore = await countWrites(story);
  progress(`applying ${many} functions`);
  const startedAt = performance.now();
  const manifests = Array.from({ length: many }, (_, index) =>
    functionManifest(`${prefix}${index}`, greeting(String(index)), { scaling: { initialReplicas: 0 } }),
  );
  await story.kubectl.apply(manifests.join('---\n'), '--server-side');
  await eventually(
    `${many} functions are Ready`,
    async () => {
      const found = await listAll(client, functions, { namespace: story.namespace });
      const ready = found.filter(
        ({ metadata, status }) => metadata.name.startsWith(prefix) && isTrue(status?.conditions, 'Ready'),
      );
      return ready.length === many ? true : undefined;
    },
    { withinMs: 600_000, everyMs: 1000 },
  );
  const tookSeconds = (performance.now() - startedAt) / 1000;
  progress(`ready after ${tookSeconds.toFixed(0)} s`);
  const objects = ((await settledObjects(story)) - objectsBefore) / many - 1;
  await sleep(settleMs);
  const loaded = await workingSet(story);
  const writes = ((await countWrites(story)) - writesBefore) / many - 1;
  return [
    makeFigure({ name: 'control_plane_mib_1000', unit: 'MiB', samples: [loaded], goal: { atMost: 300 } }),
    makeFigure({ name: 'objects_per_function', unit: '', samples: [objects], goal: { atMost: 4 } }),
    makeFigure({ name: 'writes_per_function', unit: '', samples: [writes] }),
    makeFigure({ name: 'apply_1000_ready_s', unit: 's', samples: [tookSeconds] }),
  ];
}

interface Summary {
  readonly pods: readonly {
    readonly podRef: { readonly namespace: string };
    readonly containers?: readonly {
      readonly name: string;
      readonly memory?: { readonly workingSetBytes?: number };
    }[];
  }[];
}

/** MiB of all operators and activators, as the kubelets say it and `kubectl top` shows it: without pages that can be dropped. */
async function workingSet(story: Steps): Promise<number> {
  const { items } = await story.kubectl.json<{ items: KubeObject[] }>('get', 'nodes');
  const summaries = items.map(async ({ metadata }) => {
    const raw = await story.kubectl.run('get', '--raw', `/api/v1/nodes/${metadata.name}/proxy/stats/summary`);
    return JSON.parse(raw) as Summary;
  });
  const containers = (await Promise.all(summaries))
    .flatMap(({ pods }) => pods)
    .filter(({ podRef }) => podRef.namespace === 'flint-system')
    .flatMap((pod) => pod.containers ?? [])
    .filter(({ name }) => name === 'operator' || name === 'activator');
  const bytes = containers.reduce((sum, { memory }) => sum + (memory?.workingSetBytes ?? 0), 0);
  if (bytes === 0) {
    throw new Error('no kubelet knows the memory of a component');
  }
  return bytes / 2 ** 20;
}

/** Kubernetes makes the ReplicaSets at its own pace, some twenty a second. */
async function settledObjects(story: Steps): Promise<number> {
  let before = 0;
  return eventually(
    'the cluster makes no more objects',
    async () => {
      const [last, now] = [before, await countObjects(story)];
      before = now;
      return now === last ? now : undefined;
    },
    { withinMs: 300_000, everyMs: 5000 },
  );
}

/** Everything in the namespace but events, whoever made it. */
async function countObjects(story: Steps): Promise<number> {
  const kinds = await story.kubectl.run('api-resources', '--namespaced', '--verbs=list', '--output=name');
  const counted = kinds.split('\n').filter((kind) => kind !== '' && !kind.startsWith('events'));
  const names = await story.kubectl.run('get', counted.join(','), '--output=name');
  return names.split('\n').filter((name) => name !== '').length;
}

/** Writes that the API server has taken since it started, of anybody: all but events, leases and questions about permissions. */
async function countWrites(story: Steps): Promise<number> {
  const page = await story.kubectl.run('get', '--raw', '/metrics');
  let writes = 0;
  for (const line of page.split('\n')) {
    const isWrite = /^apiserver_request_total\{.*code="2.*verb="(?:POST|PUT|PATCH|APPLY|DELETE)"/u.test(line);
    if (isWrite && !/resource="(?:events|leases|tokenreviews|subjectaccessreviews|nodes)"/u.test(line)) {
      writes += Number(line.slice(line.lastIndexOf(' ') + 1));
    }
  }
  return writes;
}
