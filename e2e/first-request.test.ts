import { expect, it } from 'vitest';
import type { Revision } from '../lib/api/revision.ts';
import { functionManifest } from './framework/manifest.ts';
import { eventually } from './framework/patience.ts';
import { tellStories } from './framework/story.ts';

const story = tellStories();
/** Says in which Pod it runs. */
const code = 'export default () => new Response(`hello from ${process.env.HOSTNAME}`);\n';

it('a function that was applied becomes Ready and goes to zero while nobody calls it', async () => {
  await story.kubectl.apply(functionManifest('hello', code));
  const fn = await story.untilReady('hello');
  expect(fn.status?.traffic).toEqual([{ revisionName: fn.status?.latestReadyRevision, percent: 100 }]);
  await story.untilZero('hello');
  // A Pod that is leaving counts for a moment.
  await eventually('the table says so', async () => {
    const table = await story.kubectl.run('get', 'functions');
    expect(table).toMatch(/^NAME\s+URL\s+READY\s+REPLICAS\s+AGE\nhello\s+http:\/\/hello\.\S+\s+True\s+0\s/u);
    return true;
  });
});

it('the first request from zero waits for a replica and is answered by it', async () => {
  const before = await story.objects('pods');
  expect(await story.pods('hello')).toEqual([]);
  const answer = await story.request('hello');
  expect(answer).toMatchObject({ status: 200, flintError: undefined });
  // Idle, it may be gone again before kubectl has looked: it says itself which one it was.
  const [, pod = ''] = /^hello from (hello-\S+)$/u.exec(answer.text) ?? [];
  expect(pod).not.toBe('');
  expect(before.map(({ metadata }) => metadata.name)).not.toContain(pod);
});

it('a cold answer says where its time went, a warm one does not', async () => {
  await story.untilZero('hello');
  const cold = await story.request('hello');
  expect(Object.keys(cold.phases ?? {})).toEqual(['queue', 'schedule', 'start', 'load', 'app']);
  const total = Object.values(cold.phases ?? {}).reduce((sum, phase) => sum + phase, 0);
  expect(total).toBeGreaterThan(5);
  expect(total).toBeLessThanOrEqual(cold.durationMs + 1);
  const warm = await story.request('hello');
  expect(warm.phases).toBeUndefined();
  const told = await eventually('the Revision tells its cold starts', async () => {
    const { status } = await story.function('hello');
    const revision = await story.kubectl.json<Revision>('get', `revision/${status?.latestReadyRevision ?? ''}`);
    return (revision.status?.coldStart?.count ?? 0) >= 2 ? revision.status?.coldStart : undefined;
  });
  expect(Object.keys(told.lastPhasesMs ?? {})).toEqual(['queue', 'schedule', 'start']);
});

it('a host that no function has is told what is close', async () => {
  const answer = await story.request('helo');
  expect(answer).toMatchObject({ status: 404, flintError: 'FunctionNotFound' });
  const problem = JSON.parse(answer.text) as { detail: string; code: string };
  expect(answer.headers['content-type']).toBe('application/problem+json');
  expect(problem.code).toBe('FunctionNotFound');
  expect(problem.detail).toContain(`hello.${story.namespace}`);
});
