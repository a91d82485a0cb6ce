import { randomBytes } from 'node:crypto';
import { systemClock, systemRandom } from '../lib/clock.ts';
import { labels } from '../lib/api/names.ts';
import { openConnection } from '../lib/kube/connect.ts';
import { createClient, type HttpClient } from '../lib/kube/http-client.ts';
import type { Pod } from '../lib/kube/objects.ts';
import { startBedTarget } from '../e2e/framework/bed-target.ts';
import { functionManifest, greeting } from '../e2e/framework/manifest.ts';
import { metric } from '../e2e/framework/memory.ts';
import { Story } from '../e2e/framework/story.ts';
import { type Figure, makeFigure, type Progress } from './figures.ts';
import { type Bare, createBare, stopBare, timeBareStart } from './kubernetes/floor.ts';

const rounds = 20;
const together = 25;

/** The figures of a real cluster, each beside the same thing without Flint in the same run. */
export async function measureKubernetes(progress: Progress): Promise<Figure[]> {
  const bed = await startBedTarget();
  const { target } = bed;
  const client = createClient({
    connection: await openConnection({ kind: 'kubeconfig', file: target.kubeconfig }),
    clock: systemClock,
    random: systemRandom,
    userAgent: 'flint-bench',
  });
  try {
    const story = new Story(target, `bench-${randomBytes(3).toString('hex')}`);
    await story.kubectl.run('create', 'namespace', story.namespace);
    const memory = await controlPlaneMemory(story);
    return [memory, ...(await coldStarts({ story, client, progress })), ...(await burst({ story, client, progress }))];
  } finally {
    await client.close();
    await bed.stop();
  }
}

interface Bench {
  readonly story: Story;
  readonly client: HttpClient;
  readonly progress: Progress;
}

async function prepare(story: Story, name: string): Promise<string> {
  await story.kubectl.apply(functionManifest(name, greeting(name)));
  const { status } = await story.untilReady(name, { withinMs: 120_000 });
  await story.untilZero(name, { withinMs: 60_000 });
  return status?.latestReadyRevision ?? '';
}

/** One function, alternating with one bare Deployment of the same Pod; each from zero. */
async function coldStarts({ story, client, progress }: Bench): Promise<Figure[]> {
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

/** Ratios of quantiles: pairs would compare one noisy second with another. */
function overFloor(name: string, samples: number[], floor: number[], goals: { p50: number; p95: number }): Figure[] {
  return (['p50', 'p95'] as const).map((suffix) => {
    const quantile = suffix === 'p50' ? 0.5 : 0.95;
    const reference = { name: 'bare Deployment', samples: floor };
    const own = makeFigure({ name: '', unit: 'ms', samples, quantile, reference });
    const base = own.reference?.value ?? 1;
    return {
      ...own,
      name: `${name}_over_floor_${suffix}`,
      unit: 'x',
      value: Math.round((own.value / base) * 100) / 100,
      spread: [Math.round((own.spread[0] / base) * 100) / 100, Math.round((own.spread[1] / base) * 100) / 100],
      reference: { name: `bare Deployment ${suffix}, ms`, value: base },
      goal: { atMost: goals[suffix] },
      met: own.value / base <= goals[suffix],
    };
  });
}

/** Functions that are woken in the same instant, after as many bare Deployments were. */
async function burst({ story, client, progress }: Bench): Promise<Figure[]> {
  const names = Array.from({ length: together }, (_, index) => `burst-${index}`);
  const bares: Bare[] = [];
  for (const name of names) {
    const revision = await prepare(story, name);
    bares.push(await createBare(client, story.namespace, { from: revision, to: `bare-${name}` }));
  }
  progress(`waking ${together} bare Deployments, then ${together} functions`);
  const floor = await Promise.all(bares.map((bare) => timeBareStart(client, bare)));
  await Promise.all(bares.map((bare) => stopBare(client, bare)));
  const answers = await Promise.all(names.map((name) => story.request(name)));
  const failed = answers.filter(({ status }) => status !== 200);
  if (failed.length > 0) {
    throw new Error(`${failed.length} of ${together} wakes failed: ${failed[0]?.text ?? ''}`);
  }
  const [, p95] = overFloor(
    'wake25',
    answers.map(({ firstByteMs }) => firstByteMs),
    floor,
    { p50: 1.2, p95: 1.2 },
  );
  return p95 === undefined ? [] : [p95];
}

/** Pods on their way out count: the node is still busy with them. */
async function untilGone(story: Story, name: string): Promise<void> {
  await story.kubectl.run('wait', '--for=delete', 'pods', `--selector=${labels.function}=${name}`, '--timeout=60s');
}

async function controlPlaneMemory(story: Story): Promise<Figure> {
  const { items } = await story.kubectl.json<{ items: Pod[] }>(
    'get',
    'pods',
    '--namespace=flint-system',
    '--selector=app.kubernetes.io/component in (operator,activator)',
  );
  const samples = await Promise.all(
    items.map(({ status }) => metric(`http://${status?.podIP ?? ''}:9090/metrics`, 'process_resident_memory_bytes')),
  );
  const mebibytes = samples.reduce((sum, bytes) => sum + bytes, 0) / 2 ** 20;
  return makeFigure({ name: 'control_plane_mib_0', unit: 'MiB', samples: [mebibytes], goal: { atMost: 150 } });
}
