import { type Figure, makeFigure } from '../figures.ts';
import { type Bench, overFloor, prepare, untilGone } from './bench.ts';
import { createBare, stopBare, timeBareStart } from './floor.ts';

const rounds = 20;

/** One function, alternating with one bare Deployment of the same Pod; each from zero. */
export async function measureColdStarts({ story, client, progress }: Bench): Promise<Figure[]> {
  const revision = await prepare(story, 'cold');
  const bare = await createBare(client, story.namespace, { from: revision, to: 'bare' });
  const [withFlint, floor]: [number[], number[]] = [[], []];
  const phases: Record<string, number>[] = [];
  const seen = new Set<string>();
  for (let round = 0; round <= rounds; round++) {
    floor.push(await timeBareStart(client, bare));
    await stopBare(client, bare);
    await story.untilZero('cold', { withinMs: 60_000 });
    await untilGone(story, 'cold');
    const answer = await story.request('cold');
    const uids = (await story.pods('cold')).map(({ metadata }) => metadata.uid ?? '');
    if (answer.status !== 200 || answer.phases === undefined || !uids.some((uid) => !seen.has(uid))) {
      throw new Error(`round ${round} was no cold start: ${answer.status} ${answer.text}`);
    }
    uids.forEach((uid) => seen.add(uid));
    withFlint.push(answer.firstByteMs);
    phases.push(answer.phases);
    progress(
      `cold start ${round} of ${rounds}: floor ${floor.at(-1)?.toFixed(0) ?? ''} ms, Flint ${answer.firstByteMs.toFixed(0)} ms`,
    );
  }
  // The first round warms caches of the node on both sides.
  [withFlint, floor, phases].forEach((samples) => samples.shift());
  return [
    ...overFloor('cold', withFlint, floor, { p50: 1.15, p95: 1.3 }),
    ...Object.keys(phases[0] ?? {}).map((phase) =>
      makeFigure({ name: `cold_${phase}_ms_p50`, unit: 'ms', samples: phases.map((sample) => sample[phase] ?? 0) }),
    ),
  ];
}
