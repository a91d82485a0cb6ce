import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import type { Invoke } from '../adapters/adapter.ts';
import { RawConnection } from '../testing/raw-connection.ts';
import { Servers } from '../testing/served.ts';

const servers = new Servers();
afterEach(async () => {
  await servers.close();
});
const ignore = (): void => undefined;

const requestLines = ['GET / HTTP/1.1', 'host: test', '', ''];
const answer: Invoke = ({ response }) => {
  response.end('answer');
  return Promise.resolve();
};

describe('draining', () => {
  it('answers a request that came before it and was not read yet', async () => {
    const { server, url } = await servers.serve(answer);
    await using client = await RawConnection.open(url);
    client.send(...requestLines);
    await client.until(/answer$/u);
    client.send(...requestLines);
    const [isDone, text] = await Promise.all([server.drain(1000), client.rest()]);
    expect(isDone).toBe(true);
    expect(text.match(/answer/gu)).toHaveLength(2);
  });

  it('ends when the last invocation and the last work in the background did, and leaves no timer', async () => {
    const work = Promise.withResolvers<void>();
    const { server, url, timers } = await servers.serve((invocation) => {
      invocation.context.waitUntil(work.promise);
      return answer(invocation);
    });
    const response = await fetch(url);
    await response.text();
    let isDone: boolean | undefined;
    const drained = server.drain(1000).then((result) => (isDone = result));
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect([isDone, timers.pending.size]).toEqual([undefined, 1]);
    work.reject(new Error('failed work ends too'));
    expect(await drained).toBe(true);
    expect(timers.pending.size).toBe(0);
  });

  it('gives up after its time', async () => {
    const { server, url, timers } = await servers.serve(async () => new Promise(ignore));
    await using client = await RawConnection.open(url);
    client.send(...requestLines);
    await expect.poll(() => server.running).toBe(1);
    const drained = server.drain(1000);
    await expect.poll(() => timers.pending.size).toBe(1);
    timers.fire();
    expect(await drained).toBe(false);
  });
});

describe('an invocation', () => {
  it('runs until both its handler and its answer are finished', async () => {
    const handler = Promise.withResolvers<void>();
    const { server, url } = await servers.serve(async ({ response }) => {
      response.end('answer');
      await handler.promise;
    });
    const response = await fetch(url);
    expect(response.headers.get('flint-load-ms')).toBe('12.3');
    expect(await response.text()).toBe('answer');
    expect(server.running).toBe(1);
    handler.resolve();
    await expect.poll(() => server.running).toBe(0);
  });

  it('that is answered after its handler returned still runs', async () => {
    const { promise: response, resolve } = Promise.withResolvers<ServerResponse>();
    const { server, url } = await servers.serve((invocation) => {
      resolve(invocation.response);
      return Promise.resolve();
    });
    const text = fetch(url).then(async (answered) => answered.text());
    const late = await response;
    await new Promise((next) => setImmediate(next));
    expect(server.running).toBe(1);
    late.end('late');
    expect(await text).toBe('late');
    await expect.poll(() => server.running).toBe(0);
  });
});

describe('a head', () => {
  it('that is too long is refused, and nothing is called', async () => {
    let calls = 0;
    const { url } = await servers.serve(() => Promise.resolve(void (calls += 1)));
    await using client = await RawConnection.open(url);
    client.send('GET / HTTP/1.1', 'host: test', `x-long: ${'x'.repeat(70_000)}`, '', '');
    expect(await client.rest()).toMatch(/^HTTP\/1\.1 431[^]*connection: close/iu);
    expect(calls).toBe(0);
  });
});
