import { afterEach, describe, expect, it } from 'vitest';
import type { Invoke } from '../adapters/adapter.ts';
import { RawConnection } from '../testing/raw-connection.ts';
import { LazyResponse as Response } from '../web/response.ts';
import { fetchStyle, Servers } from '../testing/served.ts';

const servers = new Servers();
afterEach(async () => {
  await servers.close();
});

const maxBodyBytes = 100_000;
const countBytes = fetchStyle(async (request) => new Response(String((await request.bytes()).length)));
const chunk = (bytes: number): string => `${bytes.toString(16)}\r\n${'x'.repeat(bytes)}\r\n`;
const head = (...headers: string[]): string => ['POST / HTTP/1.1', 'host: test', ...headers, '', ''].join('\r\n');
const chunked = head('transfer-encoding: chunked', 'x-request-id: big');

/** An answer that is complete, without the connection having ended. */
const problem413 = /^HTTP\/1\.1 413[^]*\r\n\r\n\{[^]*\}\n$/u;

describe('a body whose announced length is over the limit', () => {
  it('is refused at once, unread, and the function is not called', async () => {
    let calls = 0;
    const count: Invoke = () => Promise.resolve(void (calls += 1));
    const { url, lines } = await servers.serve(count, { maxBodyBytes });
    await using client = await RawConnection.open(url);
    client.send(head('content-length: 100001', 'x-request-id: big'));
    const answer = await client.until(problem413);
    expect(answer).toMatch(/content-type: application\/problem\+json\r\n[^]*connection: close/iu);
    expect(JSON.parse(answer.split('\r\n\r\n')[1] ?? '')).toEqual({
      type: 'about:blank',
      title: 'Content Too Large',
      status: 413,
      detail: 'the body has more than the 100000 bytes that are allowed',
      requestId: 'big',
    });
    expect([calls, lines]).toEqual([0, ['warn: the body of a request is larger than FLINT_MAX_BODY_BYTES']]);
  });

  it('is read to its end where the client sends it all the same, so that it sees the answer', async () => {
    const { url, timers } = await servers.serve(countBytes, { maxBodyBytes });
    await using client = await RawConnection.open(url);
    client.send(head('content-length: 5000000') + 'x'.repeat(5_000_000));
    expect(await client.rest()).toMatch(problem413);
    expect(timers.pending.size).toBe(0);
  });

  it('that goes on for longer than some seconds has its connection closed', async () => {
    const { url, timers } = await servers.serve(countBytes, { maxBodyBytes });
    await using client = await RawConnection.open(url);
    client.send(head('content-length: 5000000') + 'some of it');
    await client.until(problem413);
    expect(timers.pending.size).toBe(1);
    timers.fire();
    expect(await client.rest()).toMatch(problem413);
  });
});

describe('a body that grows over the limit', () => {
  it('fails the read, and the answer of a function that does not care is 413', async () => {
    const { url, server, lines } = await servers.serve(countBytes, { maxBodyBytes });
    await using client = await RawConnection.open(url);
    client.send(chunked + chunk(60_000) + chunk(60_000));
    expect(await client.until(problem413)).toMatch(/connection: close[^]*"requestId":"big"/iu);
    client.socket.end();
    await client.rest();
    await expect.poll(() => server.running).toBe(0);
    expect(lines).toEqual(['warn: the body of a request is larger than FLINT_MAX_BODY_BYTES']);
  });

  it('and has ended by the time of the answer is done with', async () => {
    const { url, timers } = await servers.serve(
      fetchStyle(async (request) => {
        const failed = await request.text().catch((error: unknown) => error);
        await new Promise((resolve) => setTimeout(resolve, 20));
        throw failed;
      }),
      { maxBodyBytes: 10 },
    );
    await using client = await RawConnection.open(url);
    client.send(chunked + chunk(20) + chunk(0));
    expect(await client.rest()).toMatch(problem413);
    expect(timers.pending.size).toBe(0);
  });

  it('leaves the function its own answer', async () => {
    const { url, timers } = await servers.serve(
      fetchStyle(async (request) => {
        try {
          return new Response(await request.text());
        } catch (error) {
          const { code, status } = error as { code: string; status: number };
          return new Response(`own: ${code} ${status}`, { status: 422 });
        }
      }),
      { maxBodyBytes },
    );
    await using client = await RawConnection.open(url);
    client.send(chunked + chunk(60_000) + chunk(60_000));
    expect(await client.until(/413$/u)).toMatch(/^HTTP\/1\.1 422[^]*own: ERR_BODY_TOO_LARGE 413$/u);
    await client[Symbol.asyncDispose]();
    await expect.poll(() => timers.pending.size).toBe(0);
  });

  it('errors the stream that a function has of it', async () => {
    let seen: unknown;
    const { url } = await servers.serve(
      fetchStyle(async (request) => {
        const reader = request.body?.getReader();
        try {
          while ((await reader?.read())?.done === false) {
            // Goes on to the end, which never comes.
          }
        } catch (error) {
          seen = error;
          throw error;
        }
        return new Response('all read');
      }),
      { maxBodyBytes },
    );
    await using client = await RawConnection.open(url);
    client.send(chunked + chunk(60_000) + chunk(60_000));
    await client.until(problem413);
    expect(seen).toMatchObject({ name: 'BodyTooLarge' });
  });

  it('is refused for a (req, res) function that listens for no error', async () => {
    const { url } = await servers.serve(
      ({ request, response }) => {
        let bytes = 0;
        request.on('data', (part: Buffer) => (bytes += part.length));
        request.on('end', () => response.end(String(bytes)));
        return Promise.resolve();
      },
      { maxBodyBytes },
    );
    await using client = await RawConnection.open(url);
    client.send(chunked + chunk(60_000) + chunk(60_000));
    await client.until(problem413);
  });

  it('is refused after a while for a function that listens and does nothing', async () => {
    const failures: unknown[] = [];
    const { url, timers } = await servers.serve(
      ({ request }) => {
        request.on('error', (error) => failures.push(error)).resume();
        return Promise.resolve();
      },
      { maxBodyBytes },
    );
    await using client = await RawConnection.open(url);
    client.send(chunked + chunk(60_000) + chunk(60_000));
    await expect.poll(() => failures).toMatchObject([{ name: 'BodyTooLarge' }]);
    timers.fire();
    await client.until(problem413);
  });

  it('leaves a refusal whole when the function fails after it', async () => {
    const { url, timers, lines } = await servers.serve(
      async ({ request, response }) => {
        request.resume();
        await new Promise((resolve) => request.once('close', resolve));
        response.writeHead(200);
      },
      { maxBodyBytes },
    );
    await using client = await RawConnection.open(url);
    client.send(chunked + chunk(60_000) + chunk(60_000));
    await client.until(problem413);
    await expect.poll(() => lines.at(-1)).toContain('error: the function failed: Cannot write headers');
    expect([timers.pending.size, client.socket.readyState]).toEqual([1, 'open']);
  });

  it('leaves the function all the time for its own answer, once that has begun', async () => {
    const { promise: mayEnd, resolve: letEnd } = Promise.withResolvers<void>();
    async function* own(): AsyncGenerator<string> {
      yield 'own answer';
      await mayEnd;
      yield ' to its end';
    }
    const { url, timers } = await servers.serve(
      fetchStyle(async (request) => {
        await request.text().catch(() => undefined);
        return new Response(own());
      }),
      { maxBodyBytes },
    );
    await using client = await RawConnection.open(url);
    client.send(chunked + chunk(60_000) + chunk(60_000));
    await client.until(/own answer/u);
    timers.fire();
    letEnd();
    await client.until(/ to its end\r\n0\r\n\r\n$/u);
  });

  it('does not hide another failure of the function', async () => {
    const { url, lines } = await servers.serve(
      fetchStyle(async (request) => {
        await request.text().catch(() => undefined);
        throw new Error('secret');
      }),
      { maxBodyBytes },
    );
    await using client = await RawConnection.open(url);
    client.send(chunked + chunk(60_000) + chunk(60_000));
    expect(await client.until(problem413)).not.toContain('secret');
    expect(lines.at(-1)).toBe('error: the function failed: secret');
  });

  it('cuts off an answer that has begun', async () => {
    const { url } = await servers.serve(
      fetchStyle((request) => new Response(request.body)),
      { maxBodyBytes },
    );
    await using client = await RawConnection.open(url);
    client.send(chunked + chunk(60_000) + chunk(60_000));
    const answer = await client.rest();
    expect(answer).toMatch(/^HTTP\/1\.1 200/u);
    expect(answer).not.toMatch(/\r\n0\r\n\r\n$/u);
  });

  it('is never kept: what comes after the limit is dropped', async () => {
    let most = 0;
    const { url, lines } = await servers.serve(
      async ({ request }) => {
        request.on('error', () => undefined);
        for (let turn = 0; turn < 50; turn++) {
          most = Math.max(most, request.readableLength);
          await new Promise((resolve) => setTimeout(resolve, 2));
        }
        throw new Error('did not read');
      },
      { maxBodyBytes: 1000 },
    );
    await using client = await RawConnection.open(url);
    client.send(chunked + chunk(50_000).repeat(100));
    await client.until(problem413);
    expect(most).toBeLessThanOrEqual(1000);
    expect(lines.filter((line) => line.startsWith('warn'))).toHaveLength(1);
  });
});

describe('a body within the limit', () => {
  it.each([99_999, 100_000])('of %i bytes is taken', async (bytes) => {
    const { url } = await servers.serve(countBytes, { maxBodyBytes });
    const answer = await fetch(url, { method: 'POST', body: 'x'.repeat(bytes) });
    expect(await answer.text()).toBe(String(bytes));
  });

  it('has no limit where that is 0', async () => {
    const { url } = await servers.serve(countBytes, { maxBodyBytes: 0 });
    const answer = await fetch(url, { method: 'POST', body: 'x'.repeat(1_000_000) });
    expect(await answer.text()).toBe('1000000');
  });
});

describe('a client that waits for 100 Continue', () => {
  const expects = (bytes: number): string => head(`content-length: ${bytes}`, 'expect: 100-continue');

  it('gets it when the function reads', async () => {
    const { url } = await servers.serve(countBytes, { maxBodyBytes });
    await using client = await RawConnection.open(url);
    client.send(expects(4));
    await client.until(/^HTTP\/1\.1 100 Continue\r\n\r\n$/u);
    client.send('fo');
    await new Promise((resolve) => setTimeout(resolve, 10));
    client.send('ur');
    const answer = await client.until(/\r\n\r\n4$/u);
    expect(answer).not.toMatch(/connection: close/iu);
    expect(answer.match(/100 Continue/gu)).toHaveLength(1);
    client.send(head('content-length: 5') + 'again');
    await client.until(/\r\n\r\n5$/u);
  });

  it('does not get it, but an answer, from a function that does not read', async () => {
    const { url } = await servers.serve(
      fetchStyle(() => new Response('not wanted', { status: 401 })),
      { maxBodyBytes },
    );
    await using client = await RawConnection.open(url);
    client.send(expects(4));
    const answer = await client.rest();
    expect(answer).toMatch(/^HTTP\/1\.1 401[^]*connection: close/iu);
    expect(answer).not.toContain('100 Continue');
  });

  it('does not get it after an answer that has begun, and may send all the same', async () => {
    const { url } = await servers.serve(fetchStyle((request) => new Response(request.body)));
    await using client = await RawConnection.open(url);
    client.send(expects(4));
    await client.until(/^HTTP\/1\.1 200[^]*\r\n\r\n/u);
    client.send('four');
    expect(await client.rest()).toMatch(/\r\nfour\r\n0\r\n\r\n$/u);
  });

  it('is refused before it sends what is too large', async () => {
    const { url } = await servers.serve(countBytes, { maxBodyBytes });
    await using client = await RawConnection.open(url);
    client.send(expects(100_001));
    expect(await client.until(problem413)).toMatch(/^HTTP\/1\.1 413[^]*connection: close/iu);
  });
});

describe('a body that a function leaves unread', () => {
  const readSome = fetchStyle(async (request) => {
    for await (const part of request.body as AsyncIterable<Uint8Array>) {
      return new Response(`read ${part.length > 0 ? 'some' : 'none'}`);
    }
    return new Response('nothing came');
  });

  it('is dropped, and the connection serves the next request', async () => {
    const { url, timers } = await servers.serve(readSome);
    await using client = await RawConnection.open(url);
    client.send(head('content-length: 2000000') + 'x'.repeat(1_000_000));
    await client.until(/read some$/u);
    client.send('x'.repeat(1_000_000) + head('content-length: 4') + 'four');
    await client.until(/read some[^]*read some$/u);
    await expect.poll(() => timers.pending.size).toBe(0);
  });

  it('and that never ends has its connection closed after some seconds', async () => {
    const { url, timers } = await servers.serve(readSome);
    await using client = await RawConnection.open(url);
    client.send(head('content-length: 2000000') + 'x'.repeat(1_000_000));
    await client.until(/read some$/u);
    await expect.poll(() => timers.pending.size).toBe(1);
    timers.fire();
    await client.rest();
  });

  it('in a paused stream is dropped too', async () => {
    const { url, timers } = await servers.serve(({ request, response }) => {
      request.once('data', () => {
        request.pause();
        // By then the connection is held back.
        setTimeout(() => response.end('enough'), 50);
      });
      return Promise.resolve();
    });
    await using client = await RawConnection.open(url);
    client.send(head('content-length: 2000000') + 'x'.repeat(2_000_000) + head('content-length: 4') + 'four');
    await client.until(/enough[^]*enough/u);
    await expect.poll(() => timers.pending.size).toBe(0);
  });

  it('is forgotten when the client leaves', async () => {
    const { url, timers } = await servers.serve(readSome);
    await using client = await RawConnection.open(url);
    client.send(head('content-length: 2000000') + 'x'.repeat(1_000_000));
    await client.until(/read some$/u);
    await expect.poll(() => timers.pending.size).toBe(1);
    await client[Symbol.asyncDispose]();
    await expect.poll(() => timers.pending.size).toBe(0);
  });

  it('but goes on being read by `waitUntil` in fetch style is left to it', async () => {
    const { promise: body, resolve } = Promise.withResolvers<string>();
    const { url, timers } = await servers.serve(
      fetchStyle((request, { waitUntil }) => {
        waitUntil(request.text().then(resolve));
        return new Response('accepted', { status: 202 });
      }),
    );
    await using client = await RawConnection.open(url);
    client.send(head('content-length: 10') + 'first');
    await client.until(/accepted$/u);
    expect(timers.pending.size).toBe(0);
    client.send('later');
    expect(await body).toBe('firstlater');
  });

  it('but goes on being read by work that the answer does not wait for is left to it', async () => {
    const { promise: body, resolve } = Promise.withResolvers<string>();
    const { url, timers } = await servers.serve((invocation) => {
      const { request, response, context } = invocation;
      request.setEncoding('utf8');
      let text = '';
      request.on('data', (part: string) => (text += part));
      context.waitUntil(
        new Promise<void>((done) =>
          request.on('end', () => {
            resolve(text);
            done();
          }),
        ),
      );
      response.writeHead(202).end('accepted');
      return Promise.resolve();
    });
    await using client = await RawConnection.open(url);
    client.send(head('content-length: 10') + 'first');
    await client.until(/accepted\r\n0\r\n\r\n$/u);
    expect(timers.pending.size).toBe(0);
    client.send('later');
    expect(await body).toBe('firstlater');
  });
});
