import { afterAll, describe, expect, it } from 'vitest';
import { RawConnection } from '../testing/raw-connection.ts';
import { RuntimeProcess } from '../testing/runtime-process.ts';

const source = `
  let produced = 0;
  const log = (message, fields) => console.log(message, fields ?? '');
  const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  // Ends after all: what fails to wait must not fill the machine.
  async function* endless(request) {
    try {
      while (produced < 256_000_000) { produced += 65536; yield new Uint8Array(65536); }
    } finally { log('stopped producing'); }
  }
  const routes = {
    text: () => new Response('text'),
    native: async () => { const r = new Response('native'); r.headers.append('set-cookie', 'a'); r.headers.append('set-cookie', 'b'); return r; },
    foreign: () => ({ status: 201, statusText: 'Made', headers: new Map([['x-a', '1']]), body: null }),
    reason: () => new Response('', { status: 299, statusText: 'Almost Fine' }),
    framing: () => new Response('four', { headers: { 'content-length': '400', connection: 'close', 'transfer-encoding': 'chunked' } }),
    empty: () => new Response('', { headers: { 'content-length': '10' } }),
    twice: () => new Response('four', { headers: [['content-length', '4'], ['content-length', '5']] }),
    noLength: () => new Response((async function* () { yield 'x'; })(), { headers: { 'content-length': 'ten' } }),
    head: () => new Response(null, { headers: { 'content-length': '1234' } }),
    short: () => new Response(new ReadableStream({ start(c) { c.enqueue(new TextEncoder().encode('12')); c.close(); } }), { headers: { 'content-length': '5' } }),
    long: () => new Response((async function* () { yield '12'; yield '3456'; })(), { headers: { 'content-length': '5' } }),
    endless: (request) => new Response(endless(request)),
    produced: () => Response.json(produced),
    slow: () => new Response(new ReadableStream({ start(c) { c.enqueue(new TextEncoder().encode('first')); }, cancel(reason) { log('cancelled: ' + reason.name + ' ' + reason.message); } })),
    breaks: () => new Response(new ReadableStream({ pull(c) { if (this.n) c.error(new Error('secret')); this.n = 1; c.enqueue(new TextEncoder().encode('part')); } })),
    wrongChunk: () => new Response((async function* () { yield 42; })()),
    strings: () => new Response((async function* () { yield 'a'; yield 'ü'; })()),
    waits: async (request) => { log('waits began'); await new Promise((resolve) => request.signal.addEventListener('abort', resolve)); log('aborted: ' + request.signal.reason.name); request.signal.throwIfAborted(); },
    late: async (request) => { log('late began'); await new Promise((resolve) => request.signal.addEventListener('abort', resolve)); return new Response(new ReadableStream({ cancel() { log('cancelled late'); } })); },
    nothing: () => undefined,
    networkError: () => Response.error(),
    used: async () => { const r = new Response('x'); await r.text(); return r; },
    sync: () => { throw new TypeError('secret'); },
    notAnError: () => { throw 'secret'; },
    unread: (request) => new Response('answered'),
    upload: async (request) => { let n = 0; for await (const c of request.body) { n += c.length; if (n > 3_000_000) await sleep(1000); } return new Response(String(n)); },
    gone: async (request) => { log('gone began'); try { await request.text(); } catch (error) { log('body failed: ' + error.code); throw error; } },
    id: (request, context) => { context.log.info('seen', { requestId: 'mine', extra: 1 }); return new Response(context.requestId); },
    identity: (request, { functionName, namespace, revision }) => Response.json({ functionName, namespace, revision }),
    context: (request, context) => Response.json(context),
    back: (request) => new Response(request.body),
  };
  export default (request, context) => routes[new URL(request.url).pathname.slice(1)](request, context);
`;

const runtime = await RuntimeProcess.start({ files: { 'index.mjs': source } });
const base = await runtime.url();
const firstAnswer = await fetch(`${base}/text`);
afterAll(async () => {
  await runtime[Symbol.asyncDispose]();
});

const line = async (message: string): Promise<unknown> =>
  runtime.line((one) => String(one['message']).startsWith(message));
const get = (route: string): string[] => [`GET /${route} HTTP/1.1`, 'host: test', '', ''];

describe('an answer', () => {
  it('tells the time the handler took to load, the first only', async () => {
    expect(Number(firstAnswer.headers.get('flint-load-ms'))).toBeGreaterThan(0);
    const second = await fetch(`${base}/text`);
    expect(second.headers.has('flint-load-ms')).toBe(false);
  });

  it('whose headers were changed keeps its cookies apart', async () => {
    const response = await fetch(`${base}/native`);
    expect([await response.text(), response.headers.getSetCookie()]).toEqual(['native', ['a', 'b']]);
  });

  it('may be of another implementation of the standard', async () => {
    const { status, statusText, headers } = await fetch(`${base}/foreign`);
    expect([status, statusText, headers.get('x-a')]).toEqual([201, 'Made', '1']);
  });

  it('keeps its reason phrase', async () => {
    const { status, statusText } = await fetch(`${base}/reason`);
    expect([status, statusText]).toEqual([299, 'Almost Fine']);
  });

  it('cannot break the framing of the connection', async () => {
    await using client = await RawConnection.open(base);
    client.send(...get('framing'), ...get('text'));
    const text = await client.until(/text$/u);
    expect(text).toMatch(/content-length: 4\r\n[^]*four[^]*HTTP\/1\.1 200/u);
    expect(text).not.toMatch(/transfer-encoding|connection: close/iu);
  });

  it('that is empty has that length, whatever it says', async () => {
    const response = await fetch(`${base}/empty`);
    expect([response.headers.get('content-length'), await response.text()]).toEqual(['0', '']);
  });

  it.each(['twice', 'noLength'])('with a length that is none is not sent (%s)', async (route) => {
    const response = await fetch(`${base}/${route}`);
    expect(response.status).toBe(500);
  });

  it('without a body may say how long it would be', async () => {
    const response = await fetch(`${base}/head`, { method: 'HEAD' });
    expect(response.headers.get('content-length')).toBe('1234');
  });

  it.each(['short', 'long'])('that is not as long as it promised is cut off (%s)', async (route) => {
    await using client = await RawConnection.open(base);
    client.send(`GET /${route} HTTP/1.1`, 'host: test', `x-request-id: ${route}`, '', '');
    const text = await client.rest();
    expect(text).toContain('content-length: 5');
    expect((text.split('\r\n\r\n')[1] ?? '').length).toBeLessThan(5);
    const { error } = await runtime.line((one) => one['requestId'] === route);
    expect(error).toMatchObject({
      message: expect.stringContaining('the content-length is 5, but the body has') as string,
    });
  });

  it('names no more than it must when the request makes no URL', async () => {
    await using client = await RawConnection.open(base);
    client.send('GET /text HTTP/1.1', 'host: a/b?', 'connection: close', '', '');
    expect(await client.rest()).toMatch(/^HTTP\/1\.1 400[^]*the Host header and path make no URL/u);
  });
});

describe('a failure of the handler', () => {
  const cases = [
    { route: 'sync', wantError: { name: 'TypeError', message: 'secret' } },
    { route: 'notAnError', wantError: 'secret' },
    { route: 'nothing', wantError: { name: 'TypeError' } },
    { route: 'networkError', wantError: { message: 'the handler returned Response.error()' } },
    { route: 'used', wantError: { message: 'the handler returned a Response whose body was already read' } },
  ];
  it.each(cases)('$route is 500 for the client and a line with the cause in the log', async ({ route, wantError }) => {
    const requestId = `failure-${route}`;
    const response = await fetch(`${base}/${route}`, { headers: { 'x-request-id': requestId } });
    const body = await response.text();
    expect([response.status, response.headers.get('content-type')]).toEqual([500, 'application/problem+json']);
    expect(JSON.parse(body)).toMatchObject({ status: 500, title: 'Internal Server Error', requestId });
    expect(response.headers.get('content-length')).toBe(String(Buffer.byteLength(body)));
    expect(body.at(-1), 'a terminal stands at the start of a line again').toBe('\n');
    expect(body).not.toContain('secret');
    const logged = await runtime.line((one) => one['requestId'] === requestId);
    expect(logged).toMatchObject({ level: 'error', message: 'the function failed', error: wantError });
  });

  it('explains what a handler that returns nothing may have meant', async () => {
    await fetch(`${base}/nothing`, { headers: { 'x-request-id': 'hint' } });
    const { error } = await runtime.line((one) => one['requestId'] === 'hint');
    expect(error).toMatchObject({
      message: expect.stringMatching(/^index\.mjs\.default returned undefined .* FLINT_SIGNATURE=http$/u) as string,
    });
    expect((error as { stack: string }).stack).toContain('TypeError');
  });

  it.each(['breaks', 'wrongChunk'])('in the middle of an answer (%s) cuts the connection', async (route) => {
    await using client = await RawConnection.open(base);
    client.send(...get(route));
    expect(await client.rest()).not.toMatch(/\r\n0\r\n\r\n$/u);
  });
});

describe('a stream', () => {
  it('waits for a client that does not read', async () => {
    const produced = async (): Promise<number> => (await (await fetch(`${base}/produced`)).json()) as number;
    await using client = await RawConnection.open(base);
    client.socket.pause();
    client.send(...get('endless'));
    let before = -1;
    let after = await produced();
    while (after !== before || after === 0) {
      before = after;
      await new Promise((resolve) => setTimeout(resolve, 50));
      after = await produced();
    }
    // What fits into the buffers of two sockets and of the response: kernels let a receiver's grow to 32 MB (tcp_rmem).
    expect(after).toBeLessThan(64_000_000);
    client.socket.destroy();
    await line('stopped producing');
  });

  it('shows its head and first bytes at once', async () => {
    await using client = await RawConnection.open(base);
    client.send(...get('slow'));
    expect(await client.until(/first/u)).toMatch(/^HTTP\/1\.1 200/u);
  });

  it('is cancelled when the client leaves', async () => {
    const client = await RawConnection.open(base);
    client.send(...get('slow'));
    await client.until(/first/u);
    await client[Symbol.asyncDispose]();
    await line('cancelled: AbortError');
  });

  it('is cancelled when only its head was wanted', async () => {
    await fetch(`${base}/slow`, { method: 'HEAD' });
    await line('cancelled: AbortError nobody reads');
  });

  it('of an async iterable may be text', async () => {
    const response = await fetch(`${base}/strings`);
    expect(await response.text()).toBe('aü');
  });

  it('of a request can be the answer', async () => {
    const body = Buffer.alloc(5_000_000, 'flint');
    const response = await fetch(`${base}/back`, { method: 'POST', body });
    expect(Buffer.compare(body, await response.bytes())).toBe(0);
  });

  it('of a request is read only as fast as the function takes it', async () => {
    await using client = await RawConnection.open(base);
    client.send('POST /upload HTTP/1.1', 'host: test', 'content-length: 100000000', '', '');
    let sent = 0;
    while (client.socket.writableLength < 1_000_000 && sent < 100_000_000) {
      client.socket.write(Buffer.alloc(1_000_000));
      sent += 1_000_000;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(sent).toBeLessThan(64_000_000);
  });
});

describe('a client that leaves', () => {
  it('aborts the signal, and giving up because of it is no failure', async () => {
    const client = await RawConnection.open(base);
    client.send('GET /waits HTTP/1.1', 'host: test', 'x-request-id: left', '', '');
    await line('waits began');
    await client[Symbol.asyncDispose]();
    await line('aborted: AbortError');
    await fetch(`${base}/text`);
    expect(runtime.lines.filter((one) => one['requestId'] === 'left' && one['level'] === 'error')).toEqual([]);
  });

  it('before its answer begins cancels the stream all the same', async () => {
    const client = await RawConnection.open(base);
    client.send(...get('late'));
    await line('late began');
    await client[Symbol.asyncDispose]();
    await line('cancelled late');
  });

  it('in the middle of its body makes reading it fail', async () => {
    const client = await RawConnection.open(base);
    client.send('POST /gone HTTP/1.1', 'host: test', 'content-length: 10', '', 'half');
    await line('gone began');
    await client[Symbol.asyncDispose]();
    await line('body failed: ECONNRESET');
  });
});

describe('the context', () => {
  it('shows no environment to whoever answers or logs it', async () => {
    const response = await fetch(`${base}/context`, { headers: { 'x-request-id': 'shown' } });
    const want = { requestId: 'shown', functionName: 'hello', namespace: 'shop', revision: 'hello-1' };
    expect(await response.json()).toEqual(want);
  });

  it('has the request’s id, which no log line can hide', async () => {
    const response = await fetch(`${base}/id`, { headers: { 'x-request-id': 'abc' } });
    expect(await response.text()).toBe('abc');
    expect(await line('seen')).toMatchObject({ level: 'info', requestId: 'abc', extra: 1 });
  });

  it.each(['', 'has space', 'ü', 'x'.repeat(129)])('makes an id instead of the unusable one "%s"', async (sent) => {
    const response = await fetch(`${base}/id`, {
      headers: { 'x-request-id': encodeURI(sent) === sent ? sent : 'a b' },
    });
    expect(await response.text()).toMatch(/^[0-9a-f]{16}$/u);
  });

  it('says which function runs', async () => {
    const response = await fetch(`${base}/identity`);
    expect(await response.json()).toEqual({ functionName: 'hello', namespace: 'shop', revision: 'hello-1' });
  });
});
