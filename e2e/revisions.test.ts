import { expect, it } from 'vitest';
import type { Revision } from '../lib/api/revision.ts';
import { functionManifest, greeting } from './framework/manifest.ts';
import { eventually } from './framework/patience.ts';
import { tellStories } from './framework/story.ts';

const story = tellStories();

function revisionNames(): Promise<string[]> {
  return story.objects('revisions').then((revisions) => revisions.map((revision) => revision.metadata.name).sort());
}

it('a changed source becomes a new Revision that takes over when it is ready', async () => {
  await story.kubectl.apply(functionManifest('page', greeting('one')));
  await story.untilReady('page');
  await story.untilAnswers('page', 'one');
  const [first] = await revisionNames();

  await story.kubectl.apply(functionManifest('page', greeting('two')));
  await story.untilAnswers('page', 'two');
  const fn = await story.untilReady('page');
  expect(fn.status?.latestReadyRevision).not.toBe(first);
  expect(await revisionNames()).toHaveLength(2);
});

it('the old content applied again is the old Revision', async () => {
  const before = await revisionNames();
  await story.kubectl.apply(functionManifest('page', greeting('one')));
  await story.untilAnswers('page', 'one');
  expect(await revisionNames()).toEqual(before);
});

it('a live setting changes without a new Revision', async () => {
  const before = await revisionNames();
  await story.kubectl.apply(functionManifest('page', greeting('one'), { scaling: { maxReplicas: 7 } }));
  await story.untilReady('page');
  expect(await revisionNames()).toEqual(before);
});

it('a broken Revision is reported with its reason while the old one goes on serving', async () => {
  const broken = 'export default () => new Response("three" };\n';
  await story.kubectl.apply(functionManifest('page', broken));
  const condition = await eventually('the failure is reported', async () => {
    const fn = await story.function('page');
    return fn.status?.conditions?.find(({ type, status }) => type === 'RevisionReady' && status === 'False');
  });
  expect(condition.reason).toBe('CodeDidNotLoad');
  expect(condition.message).toContain('SyntaxError');
  await story.untilAnswers('page', 'one');
  const ready = await story.function('page');
  expect(ready.status?.traffic?.[0]?.revisionName).not.toBe(ready.status?.latestCreatedRevision);
});

it('the next apply repairs it', async () => {
  await story.kubectl.apply(functionManifest('page', greeting('four')));
  await story.untilAnswers('page', 'four');
  await story.untilReady('page');
});

it('a function that never worked fails its requests at once, with the reason', async () => {
  await story.kubectl.apply(functionManifest('never', 'export const nothing = 1;\n'));
  const answer = await eventually('a request is told why', async () => {
    const got = await story.request('never', { signal: AbortSignal.timeout(10_000) });
    // Before the activator has heard of it there is no such function.
    return got.flintError === 'ColdStartFailed' ? got : undefined;
  });
  expect(answer.status).toBe(503);
  expect(answer.headers['retry-after']).toBeDefined();
  expect(answer.text).toContain('HandlerNotFound');
});

it('Revisions beyond the history limit go, those in use stay', async () => {
  for (const text of ['a', 'b', 'c', 'd']) {
    await story.kubectl.apply(functionManifest('old', greeting(text), { revisionHistoryLimit: 1 }));
    await story.untilAnswers('old', text);
  }
  const kept = await eventually('old Revisions are removed', async () => {
    const all = (await story.objects('revisions')) as Revision[];
    const own = all.filter((revision) => revision.spec.functionName === 'old');
    return own.length <= 2 ? own : undefined;
  });
  expect(kept.map((revision) => revision.metadata.name)).toContain(
    (await story.function('old')).status?.latestReadyRevision,
  );
});
