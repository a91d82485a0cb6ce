import { expect, it } from 'vitest';
import { functionManifest, slowCode } from './framework/manifest.ts';
import { eventually, pause } from './framework/patience.ts';
import { tellStories } from './framework/story.ts';

const story = tellStories();
const system = '--namespace=flint-system';
const activators = '--selector=app.kubernetes.io/component=activator';
const options = { timeout: 360_000 };

it(
  'an activator that is told to go serves what it has, and sends away what it cannot in its time',
  options,
  async () => {
    // One place, so that the second request waits while the first one runs.
    const narrow = { concurrency: { limit: 1 }, scaling: { maxReplicas: 1, idleTimeout: '10m' } } as const;
    await story.kubectl.apply(functionManifest('narrow', slowCode, narrow));
    const slowToLoad = `await new Promise((resolve) => setTimeout(resolve, 180_000));\n${slowCode}`;
    await story.kubectl.apply(
      functionManifest('sleepy', slowToLoad, { scaling: { initialReplicas: 0 }, queue: { maxWait: '10m' } }),
    );
    await story.untilReady('narrow');
    await story.untilReady('sleepy');
    expect((await story.request('narrow', { path: '/?ms=1' })).status).toBe(200);
    const running = story.request('narrow', { path: '/?ms=6000' });
    const hopeless = story.request('sleepy');
    await pause(500);
    const waiting = story.request('narrow', { path: '/?ms=1' });
    await pause(500);
    await story.kubectl.run('rollout', 'restart', 'deployment/flint-activator', system);
    expect(await running).toMatchObject({ status: 200, text: 'done' });
    expect(await waiting).toMatchObject({ status: 200, text: 'done' });
    const sentAway = await hopeless;
    expect(sentAway).toMatchObject({ status: 503, flintError: 'ShuttingDown' });
    expect(Number(sentAway.headers['retry-after'])).toBeGreaterThanOrEqual(1);
    await story.kubectl.run('rollout', 'status', 'deployment/flint-activator', system, '--timeout=180s');
    await answersAgain('narrow');
  },
);

it(
  'an activator that is killed is back at once, and takes away nothing before it has seen a window',
  options,
  async () => {
    // The window is longer than a slow machine takes to come back and to be looked at; the first tick is a second away.
    const times = { idleTimeout: '20m', window: '10m' };
    const scaling = { ...times, minReplicas: 0, target: 1, targetUtilizationPercent: 100, maxReplicas: 3 };
    await story.kubectl.apply(functionManifest('steady', slowCode, { scaling }));
    await story.untilReady('steady');
    const load = Array.from({ length: 3 }, () => story.request('steady', { path: '/?ms=6000' }));
    await story.untilPods('steady', (count) => count === 3);
    const before = await story.podUids('steady');
    await Promise.all(load);
    await story.kubectl.run('delete', 'pods', activators, system, '--grace-period=0', '--force', '--wait=true');
    await answersAgain('steady');
    // Ticks of the new activator, for each of which three replicas are far too many.
    for (let look = 0; look < 16; look++) {
      expect(await story.podUids('steady')).toEqual(before);
      await pause(500);
    }
  },
);

async function answersAgain(name: string): Promise<void> {
  await eventually(
    `${name} answers again`,
    async () => ((await story.request(name, { path: '/?ms=1' })).status === 200 ? true : undefined),
    { withinMs: 60_000 },
  );
}
