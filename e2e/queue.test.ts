import { expect, it } from 'vitest';
import { functionManifest, slowCode } from './framework/manifest.ts';
import { eventually, pause } from './framework/patience.ts';
import { tellStories } from './framework/story.ts';

const story = tellStories();
const single = { concurrency: { limit: 1 }, scaling: { maxReplicas: 1, idleTimeout: '1m' } };

it('what may not wait any more is answered 429 with Retry-After, the rest is served', async () => {
  await story.kubectl.apply(functionManifest('narrow', slowCode, { ...single, queue: { maxRequests: 2 } }));
  await story.untilReady('narrow');

  const answers = await Promise.all(Array.from({ length: 8 }, () => story.request('narrow', { path: '/?ms=300' })));
  const refused = answers.filter((answer) => answer.status === 429);
  expect(answers.filter((answer) => answer.status === 200)).toHaveLength(3);
  expect(refused).toHaveLength(5);
  expect(new Set(refused.map((answer) => answer.flintError))).toEqual(new Set(['QueueFull']));
  expect(refused.every((answer) => Number(answer.headers['retry-after']) >= 1)).toBe(true);
});

it('what waited too long is answered 504', async () => {
  await story.kubectl.apply(functionManifest('patient', slowCode, { ...single, queue: { maxWait: '500ms' } }));
  await story.untilReady('patient');
  const first = story.request('patient', { path: '/?ms=2000' });
  await pause(200);
  const second = await story.request('patient');
  expect(second).toMatchObject({ status: 504, flintError: 'QueueTimeout' });
  expect((await first).status).toBe(200);
});

it('a client that leaves the queue frees its place at once', async () => {
  await story.kubectl.apply(functionManifest('left', slowCode, { ...single, queue: { maxRequests: 1 } }));
  await story.untilReady('left');
  const running = story.request('left', { path: '/?ms=2500' });
  await pause(300);
  const leaving = new AbortController();
  const waiting = story.request('left', { signal: leaving.signal });
  await pause(200);
  expect((await story.request('left')).status).toBe(429);
  leaving.abort();
  await expect(waiting).rejects.toThrow();
  const next = story.request('left', { path: '/?ms=1' });
  expect((await next).status).toBe(200);
  expect((await running).status).toBe(200);
});

it('a client that leaves while it is served frees the slot of its replica', async () => {
  const code = `
    let aborted = 0;
    export default async (request) => {
      const { pathname } = new URL(request.url);
      if (pathname === '/aborted') return new Response(String(aborted));
      request.signal.addEventListener('abort', () => { aborted += 1; });
      await new Promise((resolve) => { request.signal.addEventListener('abort', resolve); setTimeout(resolve, 20_000); });
      return new Response('late');
    };`;
  await story.kubectl.apply(functionManifest('gone', code, single));
  await story.untilReady('gone');
  const leaving = new AbortController();
  const served = story.request('gone', { signal: leaving.signal });
  await pause(500);
  leaving.abort();
  await expect(served).rejects.toThrow();
  const seen = await eventually('the replica notices', async () => {
    const { text } = await story.request('gone', { path: '/aborted' });
    return text === '1' ? text : undefined;
  });
  expect(seen).toBe('1');
});
