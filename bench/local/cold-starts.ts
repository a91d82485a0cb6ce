import { randomBytes } from 'node:crypto';
import type { FunctionObject } from '../../lib/api/function.ts';
import { isTrue } from '../../lib/api/conditions.ts';
import { labels } from '../../lib/api/names.ts';
import type { Pod } from '../../lib/kube/objects.ts';
import { send } from '../../e2e/framework/http.ts';
import { Kubectl } from '../../e2e/framework/kubectl.ts';
import { startLocalFlint } from '../../e2e/framework/local-target.ts';
import { functionManifest, greeting } from '../../e2e/framework/manifest.ts';
import { eventually, pause } from '../../e2e/framework/patience.ts';
import { type Figure, makeFigure, type Progress } from '../figures.ts';
import { timeBareServer } from './runtime-starts.ts';

const rounds = 50;
const name = 'cold';

interface Sample {
  readonly firstByteMs: number;
  readonly bareServerMs: number;
  readonly phases: Readonly<Record<string, number>>;
}

/**
 * First byte from zero on the embedded cluster. A round counts only when no Pod of the function existed before it and
 * one with a uid never seen answered: a replica that was still warm would be the best result of all.
 */
export async function coldStarts(progress: Progress): Promise<Figure[]> {
  const flint = await startLocalFlint();
  try {
    const kubectl = new Kubectl(flint.target, 'default');
    const { endpoint, domain } = flint.target;
    await kubectl.apply(
      functionManifest(name, greeting(randomBytes(4).toString('hex')), { scaling: { idleTimeout: '500ms' } }),
    );
    await untilReady(kubectl);
    const seen = new Set<string>();
    const samples: Sample[] = [];
    for (let round = 1; round <= rounds; round++) {
      await untilZero(kubectl, seen);
      await pause(200);
      const bareServerMs = await timeBareServer();
      const answer = await send(endpoint, `${name}.default.${domain}`, {});
      const uids = (await pods(kubectl)).map((pod) => pod.metadata.uid ?? '');
      if (answer.status !== 200 || answer.phases === undefined || !uids.some((uid) => !seen.has(uid))) {
        throw new Error(`round ${round} was no cold start: status ${answer.status}, pods ${uids.join(', ')}`);
      }
      uids.forEach((uid) => seen.add(uid));
      samples.push({ firstByteMs: answer.firstByteMs, bareServerMs, phases: answer.phases });
      if (round % 10 === 0) {
        progress(
          `cold start: round ${round} of ${rounds}, ${answer.firstByteMs.toFixed(1)} ms ${JSON.stringify(answer.phases)}`,
        );
      }
    }
    return makeFigures(samples);
  } finally {
    await flint.stop();
  }
}

function makeFigures(samples: readonly Sample[]): Figure[] {
  const firstBytes = samples.map((sample) => sample.firstByteMs);
  const reference = { name: 'spawned bare node server', samples: samples.map((sample) => sample.bareServerMs) };
  const phaseNames = Object.keys(samples[0]?.phases ?? {});
  return [
    makeFigure({ name: 'cold_first_byte_ms_p50', unit: 'ms', samples: firstBytes, reference, goal: { atMost: 120 } }),
    makeFigure({
      name: 'cold_first_byte_ms_p95',
      unit: 'ms',
      samples: firstBytes,
      quantile: 0.95,
      reference,
      goal: { atMost: 200 },
    }),
    ...phaseNames.map((phase) =>
      makeFigure({
        name: `cold_${phase}_ms_p50`,
        unit: 'ms',
        samples: samples.map((sample) => sample.phases[phase] ?? 0),
      }),
    ),
  ];
}

async function pods(kubectl: Kubectl): Promise<Pod[]> {
  return (await kubectl.json<{ items: Pod[] }>('get', 'pods', `--selector=${labels.function}=${name}`)).items;
}

async function untilReady(kubectl: Kubectl): Promise<void> {
  await eventually('the function is Ready', async () => {
    const fn = await kubectl.json<FunctionObject>('get', `function/${name}`);
    return isTrue(fn.status?.conditions, 'Ready') ? true : undefined;
  });
}

async function untilZero(kubectl: Kubectl, seen: Set<string>): Promise<void> {
  await eventually('no Pod is left', async () => {
    const present = await pods(kubectl);
    present.forEach((pod) => seen.add(pod.metadata.uid ?? ''));
    return present.length === 0 ? true : undefined;
  });
}
