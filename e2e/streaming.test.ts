import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { beforeAll, expect, it } from 'vitest';
import { functionManifest } from './framework/manifest.ts';
import { activatorMemoryMb } from './framework/memory.ts';
import { elapsedMs } from './framework/patience.ts';
import { tellStories } from './framework/story.ts';

const story = tellStories();
const megabyte = Buffer.alloc(1024 * 1024, 'flint');
const size = 50;

const code = `
import { createHash } from 'node:crypto';
const megabyte = new Uint8Array(1024 * 1024).fill(102);
const routes = {
  '/ticks': () => new Response(new ReadableStream({
    async start(controller) {
      for (let tick = 0; tick < 4; tick++) {
        controller.enqueue(new TextEncoder().encode('tick ' + tick + '\\n'));
        await new Promise((resolve) => setTimeout(resolve, 150));
      }
      controller.close();
    },
  }), { headers: { 'content-type': 'text/event-stream' } }),
  '/hash': async (request) => {
    const hash = createHash('sha256');
    let bytes = 0;
    for await (const chunk of request.body) { hash.update(chunk); bytes += chunk.byteLength; }
    return Response.json({ bytes, sha256: hash.digest('hex') });
  },
  '/download': () => {
    let left = ${size};
    return new Response(new ReadableStream({
      pull(controller) { if (left-- > 0) controller.enqueue(megabyte.slice()); else controller.close(); },
    }));
  },
  '/echo': (request) => new Response(request.body),
};
export default (request) => routes[new URL(request.url).pathname](request);
`;

function upload(): Readable {
  return Readable.from(Array.from({ length: size }, () => megabyte));
}

beforeAll(async () => {
  await story.kubectl.apply(functionManifest('stream', code, { scaling: { idleTimeout: '1m' } }));
  await story.untilReady('stream');
});

it('parts of an answer arrive as they are made', async () => {
  const response = await story.open('stream', { path: '/ticks' });
  const arrivals: number[] = [];
  let text = '';
  for await (const chunk of response) {
    arrivals.push(elapsedMs());
    text += String(chunk);
  }
  expect(text).toBe('tick 0\ntick 1\ntick 2\ntick 3\n');
  expect((arrivals.at(-1) ?? 0) - (arrivals[0] ?? 0)).toBeGreaterThan(300);
});

it('I9: 50 MB up and 50 MB down pass through without being kept', async () => {
  // The first pass grows buffers and heap to their working size; the second must not need more.
  await story.request('stream', { method: 'POST', path: '/hash', body: upload() });
  const before = await activatorMemoryMb(story.target);

  const up = await story.request('stream', { method: 'POST', path: '/hash', body: upload() });
  const wanted = createHash('sha256');
  for (let part = 0; part < size; part++) {
    wanted.update(megabyte);
  }
  expect(JSON.parse(up.text)).toEqual({ bytes: size * megabyte.length, sha256: wanted.digest('hex') });

  const down = await story.open('stream', { path: '/download' });
  let bytes = 0;
  for await (const chunk of down) {
    bytes += (chunk as Buffer).length;
  }
  expect(bytes).toBe(size * megabyte.length);

  expect((await activatorMemoryMb(story.target)) - before).toBeLessThan(25);
});

it('both directions flow at the same time', async () => {
  const answer = await story.request('stream', { method: 'POST', path: '/echo', body: upload() });
  expect(answer.status).toBe(200);
  expect(Buffer.byteLength(answer.text)).toBe(size * megabyte.length);
});
