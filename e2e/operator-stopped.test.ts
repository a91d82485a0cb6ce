import { expect, it } from 'vitest';
import { functionManifest, slowCode } from './framework/manifest.ts';
import { stopOperator } from './framework/target.ts';
import { tellStories } from './framework/story.ts';

const story = tellStories();

it('I8: with the operator stopped functions wake, scale and go to zero as before', async () => {
  await story.kubectl.apply(
    functionManifest('alone', slowCode, { scaling: { target: 1, targetUtilizationPercent: 100, maxReplicas: 3 } }),
  );
  await story.untilReady('alone');
  await story.untilZero('alone');

  const startOperator = await stopOperator(story.target);
  try {
    expect((await story.request('alone', { path: '/?ms=1' })).status).toBe(200);

    const load = Promise.all(Array.from({ length: 6 }, () => story.request('alone', { path: '/?ms=4000' })));
    await story.untilPods('alone', (count) => count === 3);
    expect((await load).every((answer) => answer.status === 200)).toBe(true);

    await story.untilZero('alone');
  } finally {
    await startOperator();
  }
  await story.untilReady('alone');
});
