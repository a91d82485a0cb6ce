import type { Figure } from '../figures.ts';
import { type Bench, overFloor, prepare, untilGone } from './bench.ts';
import { type Bare, createBare, stopBare, timeBareStart } from './floor.ts';

const rounds = 3;
const together = 25;

/** Functions that are woken in the same instant, alternating with as many bare Deployments. */
export async function measureBurst(bench: Bench): Promise<Figure[]> {
  const { story, client, progress } = bench;
  const names = Array.from({ length: together }, (_, index) => `burst-${index}`);
  const bares: Bare[] = [];
  for (const name of names) {
    const revision = await prepare(story, name);
    bares.push(await createBare(client, story.namespace, { from: revision, to: `bare-${name}` }));
  }
  const [withFlint, floor]: [number[], number[]] = [[], []];
  for (let round = 1; round <= rounds; round++) {
    const bare = await Promise.all(bares.map((one) => timeBareStart(client, one)));
    await Promise.all(bares.map((one) => stopBare(client, one)));
    const own = await wakeAll(bench, names);
    progress(`waking ${together}, ${round} of ${rounds}: bare ${slowest(bare)} s, Flint ${slowest(own)} s`);
    floor.push(...bare);
    withFlint.push(...own);
  }
  const [, p95] = overFloor('wake25', withFlint, floor, { p50: 1.2, p95: 1.2 });
  return p95 === undefined ? [] : [p95];
}

async function wakeAll({ story }: Bench, names: readonly string[]): Promise<number[]> {
  const answers = await Promise.all(names.map((name) => story.request(name)));
  const failed = answers.filter(({ status }) => status !== 200);
  if (failed.length > 0) {
    throw new Error(`${failed.length} of ${names.length} wakes failed: ${failed[0]?.text ?? ''}`);
  }
  for (const name of names) {
    await story.untilZero(name, { withinMs: 60_000 });
    await untilGone(story, name);
  }
  return answers.map(({ firstByteMs }) => firstByteMs);
}

function slowest(samples: readonly number[]): string {
  return (Math.max(...samples) / 1000).toFixed(1);
}
