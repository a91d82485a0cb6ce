import { isTrue } from '../../lib/api/conditions.ts';
import type { FunctionObject } from '../../lib/api/function.ts';
import { type LocalFlint, startLocalFlint } from '../../e2e/framework/local-target.ts';
import { Kubectl } from '../../e2e/framework/kubectl.ts';
import { functionManifest, greeting } from '../../e2e/framework/manifest.ts';
import { eventually, pause } from '../../e2e/framework/patience.ts';
import { type Figure, makeFigure, type Progress } from '../figures.ts';
import { countAll, countWrites, describeWrites, difference, readRequests } from './requests.ts';

const name = 'counted';
const rounds = 3;
/** What follows the last change: a status that is written late would be missed. */
const settleMs = 2000;

interface Act {
  readonly name: string;
  readonly run: (kubectl: Kubectl, round: number) => Promise<unknown>;
}

/** At zero from the first moment, so that no Pod and no request has a part in it. */
function manifestOf(text: string): string {
  return functionManifest(name, greeting(text), { scaling: { initialReplicas: 0 } });
}

const acts: readonly Act[] = [
  { name: 'create', run: (kubectl, round) => applyUntilReady(kubectl, `created ${round}`) },
  { name: 'update', run: (kubectl, round) => applyUntilReady(kubectl, `updated ${round}`) },
  { name: 'delete', run: (kubectl) => kubectl.run('delete', `function/${name}`, '--cascade=foreground') },
];

/** Calls and writes for one Function created, updated and deleted: everybody's, those of the cluster's controllers included. */
export async function oneFunction(progress: Progress): Promise<Figure[]> {
  const flint = await startLocalFlint();
  try {
    const samples = new Map<string, { calls: number[]; writes: number[] }>();
    for (let round = 1; round <= rounds; round++) {
      for (const act of acts) {
        const { calls, writes } = samples.get(act.name) ?? { calls: [], writes: [] };
        const counted = await count(flint, act, { round, progress });
        samples.set(act.name, { calls: [...calls, counted.calls], writes: [...writes, counted.writes] });
      }
    }
    return [...samples].flatMap(([act, { calls, writes }]) => [
      makeFigure({ name: `writes_${act}`, unit: '', samples: writes }),
      makeFigure({ name: `calls_${act}`, unit: '', samples: calls }),
    ]);
  } finally {
    await flint.stop();
  }
}

async function count(
  flint: LocalFlint,
  act: Act,
  { round, progress }: { readonly round: number; readonly progress: Progress },
): Promise<{ calls: number; writes: number }> {
  await pause(settleMs);
  const before = await readRequests(flint.ready);
  await act.run(new Kubectl(flint.target, 'default'), round);
  await pause(settleMs);
  const requests = difference(before, await readRequests(flint.ready)).filter(
    // What the bench asks itself to see that it is done, and what kubectl looks up.
    ({ what, isWrite }) => isWrite || !what.endsWith(' by admin'),
  );
  progress(`${act.name}: ${describeWrites(requests)}`);
  return { calls: countAll(requests), writes: countWrites(requests) };
}

async function applyUntilReady(kubectl: Kubectl, text: string): Promise<void> {
  await kubectl.apply(manifestOf(text), '--server-side');
  await eventually('the operator is done with it', async () => {
    const { metadata, status } = await kubectl.json<FunctionObject>('get', `function/${name}`);
    const seen = status?.observedGeneration === metadata.generation;
    return seen && isTrue(status?.conditions, 'Ready') ? true : undefined;
  });
}
