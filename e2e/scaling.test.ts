import { expect, it } from 'vitest';
import { functionManifest, slowCode } from './framework/manifest.ts';
import { pause } from './framework/patience.ts';
import { tellStories } from './framework/story.ts';

const story = tellStories();

/** Keeps `width` requests of 200 ms in flight until told to stop; resolves with the statuses seen. */
function keepBusy(name: string, width: number): () => Promise<Set<number>> {
  const statuses = new Set<number>();
  let stopped = false;
  const lanes = Array.from({ length: width }, async () => {
    while (!stopped) {
      statuses.add((await story.request(name, { path: '/?ms=200' })).status);
    }
  });
  return async () => {
    stopped = true;
    await Promise.all(lanes);
    return statuses;
  };
}

it('load brings more replicas, up to the maximum, and its end takes all of them away again', async () => {
  await story.kubectl.apply(
    functionManifest('busy', slowCode, { scaling: { target: 2, targetUtilizationPercent: 100, maxReplicas: 4 } }),
  );
  await story.untilReady('busy');

  const stop = keepBusy('busy', 12);
  const many = await story.untilPods('busy', (count) => count >= 4);
  expect(many).toHaveLength(4);
  expect(await stop()).toEqual(new Set([200]));

  await story.untilZero('busy');
});

it('no request is lost while replicas are taken away under lighter load', async () => {
  await story.kubectl.apply(
    functionManifest('calming', slowCode, { scaling: { target: 1, targetUtilizationPercent: 100, maxReplicas: 4 } }),
  );
  await story.untilReady('calming');
  const stopMany = keepBusy('calming', 4);
  await story.untilPods('calming', (count) => count >= 3);
  const stopOne = keepBusy('calming', 1);
  expect(await stopMany()).toEqual(new Set([200]));
  await story.untilPods('calming', (count) => count <= 2);
  expect(await stopOne()).toEqual(new Set([200]));
});

it('a minimum keeps replicas through any idleness', async () => {
  await story.kubectl.apply(functionManifest('kept', slowCode, { scaling: { minReplicas: 2 } }));
  await story.untilPods('kept', (count) => count === 2);
  await pause(3000);
  expect(await story.pods('kept')).toHaveLength(2);
});
