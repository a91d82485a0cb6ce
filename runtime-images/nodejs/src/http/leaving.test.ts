import { afterAll, describe, expect, it } from 'vitest';
import { RawConnection } from '../testing/raw-connection.ts';
import { RuntimeProcess } from '../testing/runtime-process.ts';

/** Each request holds a megabyte for as long as anything of it is kept. */
const source = `
  import { createRequire } from 'node:module';
  const require = createRequire(import.meta.url);
  require('node:v8').setFlagsFromString('--expose-gc');
  const gc = require('node:vm').runInNewContext('gc');
  let running = 0;
  async function* parts(held) {
    try {
      for (;;) { yield held.subarray(0, 1000); await new Promise((resolve) => setTimeout(resolve, 5)); }
    } finally { running -= 1; }
  }
  const routes = {
    async answer(request, held) {
      await new Promise((resolve) => request.signal.addEventListener('abort', resolve));
      running -= 1;
      return new Response(held);
    },
    async body(request, held) {
      try { return new Response(String((await request.text()).length + held.length)); } finally { running -= 1; }
    },
    stream: (request, held) => new Response(parts(held)),
    async fails(request, held) {
      try {
        await new Promise((resolve, reject) => request.signal.addEventListener('abort', () => reject(request.signal.reason)));
      } finally { running -= held.length > 0 ? 1 : 0; }
    },
  };
  export default (request) => {
    const route = new URL(request.url).pathname.slice(1);
    if (route === 'state') {
      gc();
      const { heapUsed, external } = process.memoryUsage();
      return Response.json({ running, megabytes: (heapUsed + external) / 1e6 });
    }
    running += 1;
    return routes[route](request, new Uint8Array(1_000_000).fill(1));
  };
`;

const runtime = await RuntimeProcess.start({ files: { 'index.mjs': source } });
const base = await runtime.url();
afterAll(async () => {
  await runtime[Symbol.asyncDispose]();
});

const state = async (): Promise<{ running: number; megabytes: number }> =>
  (await (await fetch(`${base}/state`)).json()) as { running: number; megabytes: number };

async function leave(route: string, turn: number): Promise<void> {
  const client = await RawConnection.open(base);
  client.send(
    `POST /${route} HTTP/1.1`,
    'host: test',
    `x-request-id: ${route}-${turn}`,
    'content-length: 9',
    '',
    'half',
  );
  await new Promise((resolve) => setTimeout(resolve, 20 + (turn % 5) * 3));
  await client[Symbol.asyncDispose]();
}

async function leaveMany(route: string): Promise<void> {
  for (let round = 0; round < 10; round++) {
    await Promise.all(Array.from({ length: 10 }, async (_, index) => leave(route, 10 * round + index)));
  }
  await expect.poll(async () => (await state()).running).toBe(0);
}

describe('a hundred clients that leave', () => {
  const cases = [
    { when: 'before the answer', route: 'answer', mostLines: 0 },
    { when: 'in the middle of their body', route: 'body', mostLines: 1 },
    { when: 'in the middle of a stream', route: 'stream', mostLines: 0 },
    { when: 'from a function that gives up with the reason of the signal', route: 'fails', mostLines: 0 },
  ];
  it.each(cases)('$when leave nothing behind but $mostLines lines each', async ({ route, mostLines }) => {
    await leaveMany(route);
    const before = await state();
    await leaveMany(route);
    const after = await state();
    // A hundred megabytes would be kept if anything of these requests was.
    expect(after.megabytes - before.megabytes).toBeLessThan(20);
    const counts = new Map<unknown, number>();
    for (const { requestId } of runtime.lines.filter((line) => String(line['requestId']).startsWith(route))) {
      counts.set(requestId, (counts.get(requestId) ?? 0) + 1);
    }
    // Two series use the same ids.
    expect(Math.max(0, ...counts.values())).toBeLessThanOrEqual(2 * mostLines);
    expect(runtime.lines.filter(({ level }) => level === 'error' || level === 'fatal')).toEqual([]);
  });
});
