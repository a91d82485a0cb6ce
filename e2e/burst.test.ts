import { expect, it } from 'vitest';
import { functionManifest, slowCode } from './framework/manifest.ts';
import { tellStories } from './framework/story.ts';

const story = tellStories();

it('a hundred first requests at once are all held and all answered', async () => {
  await story.kubectl.apply(functionManifest('burst', slowCode));
  await story.untilReady('burst');
  await story.untilZero('burst');

  const answers = await Promise.all(Array.from({ length: 100 }, () => story.request('burst', { path: '/?ms=20' })));
  expect(answers.filter((answer) => answer.status !== 200)).toEqual([]);
  expect(answers.every((answer) => answer.text === 'done')).toBe(true);
});

it('I5: a hard limit of one holds while fifty first requests wait for three replicas', async () => {
  const code = `
    let running = 0;
    export default async () => {
      running += 1;
      const seen = running;
      await new Promise((resolve) => setTimeout(resolve, 30));
      running -= 1;
      return new Response(String(seen));
    };`;
  await story.kubectl.apply(
    functionManifest('single', code, { concurrency: { limit: 1 }, scaling: { maxReplicas: 3 } }),
  );
  await story.untilReady('single');
  await story.untilZero('single');

  const answers = await Promise.all(Array.from({ length: 50 }, () => story.request('single')));
  expect(answers.map((answer) => [answer.status, answer.text])).toEqual(Array.from({ length: 50 }, () => [200, '1']));
});
