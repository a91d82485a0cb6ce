import { expect, it } from 'vitest';
import { functionManifest, slowCode } from './framework/manifest.ts';
import { eventually, pause } from './framework/patience.ts';
import { tellStories } from './framework/story.ts';

const story = tellStories();
const single = { concurrency: { limit: 1 }, scaling: { maxReplicas: 1, idleTimeout: '10m' } };

/** From then on its one place is free, and known to be. */
async function untilWarm(name: string): Promise<void> {
  await story.untilReady(name);
  await eventually(`${name} answers`, async () =>
    (await story.request(name, { path: '/?ms=1' })).status === 200 ? true : undefined,
  );
}

it('what may not wait any more is answered 429 with Retry-After, the rest is served', async () => {
  await story.kubectl.apply(functionManifest('narrow', slowCode, { ...single, queue: { maxRequests: 2 } }));
  await untilWarm('narrow');

  // All of them have come before the first is served, however long a slow machine takes to connect.
  const answers = await Promise.all(Array.from({ length: 8 }, () => story.request('narrow', { path: '/?ms=3000' })));
  const refused = answers.filter((answer) => answer.status === 429);
  expect(answers.filter((answer) => answer.status === 200)).toHaveLength(3);
  expect(refused).toHaveLength(5);
  expect(new Set(refused.map((answer) => answer.flintError))).toEqual(new Set(['QueueFull']));
  expect(refused.every((answer) => Number(answer.headers['retry-after']) >= 1)).toBe(true);
});

it('what waited too long is answered 504', async () => {
  await story.kubectl.apply(functionManifest('patient', slowCode, { ...single, queue: { maxWait: '500ms' } }));
  await untilWarm('patient');
  const first = story.request('patient', { path: '/?ms=5000' });
  await pause(500);
  const second = await story.request('patient');
  expect(second).toMatchObject({ status: 504, flintError: 'QueueTimeout' });
  expect((await first).status).toBe(200);
});

it('a client that leaves the queue frees its place at once', async () => {
  await story.kubectl.apply(functionManifest('left', slowCode, { ...single, queue: { maxRequests: 1 } }));
  await untilWarm('left');
  let isRunning = true;
  const running = story.request('left', { path: '/?ms=8000' }).finally(() => {
    isRunning = false;
  });
  await pause(500);
  const leaving = new AbortController();
  const waiting = story.request('left', { signal: leaving.signal });
  await pause(500);
  expect((await story.request('left')).status).toBe(429);
  leaving.abort();
  await expect(waiting).rejects.toThrow();
  // Over another connection the next one may overtake the news of it.
  await pause(500);
  expect(isRunning).toBe(true);
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
      await new Promise((resolve) => { request.signal.addEventListener('abort', resolve); setTimeout(resolve, 60_000); });
      return new Response('late');
    };`;
  await story.kubectl.apply(functionManifest('gone', code, single));
  await story.untilReady('gone');
  await eventually('the replica notices', async () => {
    const leaving = new AbortController();
    const served = story.request('gone', { signal: leaving.signal });
    // On a slow machine it may not be served yet by then: another one leaves, until one was.
    await pause(500);
    leaving.abort();
    await expect(served).rejects.toThrow();
    // Waits for the slot: for much longer than this story does if the one that left kept it.
    const { text } = await story.request('gone', { path: '/aborted' });
    return Number(text) >= 1 ? true : undefined;
  });
});
