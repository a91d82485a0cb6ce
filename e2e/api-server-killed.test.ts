import { expect } from 'vitest';
import { tryFindProgram } from './bed/namespaces.ts';
import { bedIt } from './framework/current-target.ts';
import { functionManifest, greeting, slowCode } from './framework/manifest.ts';
import { eventually, pause } from './framework/patience.ts';
import { tellStories } from './framework/story.ts';
import { Traffic } from './framework/traffic.ts';

/** The API server of a real cluster in trouble; what else it can do is told of the embedded one in `api-server-disturbed`. */

const story = tellStories();
const silentMs = 8000;

async function apiServer(): Promise<number> {
  return eventually('there is an API server', () => tryFindProgram('node-1', 'kube-apiserver'));
}

bedIt('I8: the API server falls silent, dies and comes back: no warm request fails, nothing scales', async () => {
  await story.kubectl.apply(functionManifest('warm', slowCode, { scaling: { idleTimeout: '10m', minReplicas: 2 } }));
  await story.kubectl.apply(functionManifest('cold', greeting('woken'), { queue: { maxWait: '2m' } }));
  await story.untilReady('warm');
  await story.untilReady('cold');
  await story.untilPods('warm', (count) => count === 2);
  await story.untilZero('cold');
  const replicas = await story.podUids('warm');
  const traffic = new Traffic(story, 'warm');
  const server = await apiServer();
  process.kill(server, 'SIGSTOP');
  await pause(silentMs);
  const waking = story.request('cold');
  process.kill(server, 'SIGKILL');
  expect(await waking).toMatchObject({ status: 200, text: 'woken' });
  const { requests, failures } = await traffic.stop();
  expect(failures).toEqual([]);
  expect(requests).toBeGreaterThan(100);
  expect(await apiServer()).not.toBe(server);
  await eventually('a new function is taken', async () => {
    await story.kubectl.apply(functionManifest('later', greeting('new')));
    return true;
  });
  await story.untilReady('later');
  await story.untilAnswers('later', 'new');
  expect(await story.podUids('warm')).toEqual(replicas);
});
