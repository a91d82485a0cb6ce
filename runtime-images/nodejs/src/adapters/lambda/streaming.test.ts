import { afterAll, describe, expect, it } from 'vitest';
import { RawConnection } from '../../testing/raw-connection.ts';
import { RuntimeProcess } from '../../testing/runtime-process.ts';

const source = `
  const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  const routes = {
    '/length': async (event, out) => { out.write(String(event.body?.length ?? 0)); out.end(); },
    '/endless': async (event, out) => {
      let sent = 0;
      out.on('error', (error) => console.log('stopped by ' + error.name + ' after ' + sent));
      while (out.writable && sent < 64_000_000) {
        sent += 65536;
        if (!out.write(Buffer.alloc(65536))) await new Promise((resolve) => { out.once('drain', resolve); out.once('close', resolve); });
      }
    },
    '/breaks': async (event, out) => { out.write('part'); await sleep(20); throw new Error('secret'); },
    '/status': async (event, out) => { awslambda.HttpResponseStream.from(out, { statusCode: 99 }).end('x'); },
    '/json': async (event, out) => { out.setContentType('application/json'); out.write({ a: 1 }); out.end(); },
    '/piped': async (event, out) => { setTimeout(() => out.end('later'), 20); },
  };
  export const handler = awslambda.streamifyResponse((event, out) => routes[event.rawPath](event, out));
`;

const runtime = await RuntimeProcess.start({ files: { 'index.mjs': source } });
const base = await runtime.url();
afterAll(async () => {
  await runtime[Symbol.asyncDispose]();
});

describe('a handler that takes bodies whole', () => {
  it('is not called for a client that leaves in the middle, and nothing is said of it', async () => {
    await using connection = await RawConnection.open(base);
    connection.send('POST /length HTTP/1.1', 'host: test', 'content-length: 10', 'expect: 100-continue', '', '');
    await connection.until(/100 Continue/u);
    connection.send('part');
    connection.socket.destroy();
    expect((await fetch(`${base}/length`)).status).toBe(200);
    expect(runtime.lines.filter(({ level }) => level === 'error' || level === 'warn')).toEqual([]);
  });
});

describe('a handler of Lambda that streams', () => {
  it('is held back by a slow client, and told when it leaves', async () => {
    const connection = await RawConnection.open(base);
    connection.send('GET /endless HTTP/1.1', 'host: test', '', '');
    await connection.until(/\r\n\r\n/u);
    await connection[Symbol.asyncDispose]();
    const { message } = await runtime.line((line) => String(line['message']).startsWith('stopped'));
    const [, by, sent] = /^stopped by (\w+) after (\d+)$/u.exec(String(message)) ?? [];
    expect(by).toBe('AbortError');
    expect(Number(sent)).toBeLessThan(64_000_000);
  });

  it('cuts the connection when it fails in the middle', async () => {
    await using connection = await RawConnection.open(base);
    connection.send('GET /breaks HTTP/1.1', 'host: test', '', '');
    const text = await connection.rest();
    expect(text).toContain('part');
    expect(text).not.toMatch(/0\r\n\r\n$|secret/u);
  });

  it('fails as a whole when it sets a status that is none', async () => {
    const response = await fetch(`${base}/status`);
    expect(response.status).toBe(500);
    await runtime.line(({ error }) => JSON.stringify(error ?? '').includes("the handler's statusCode is 99"));
  });

  it('writes an object as its JSON', async () => {
    const response = await fetch(`${base}/json`);
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(await response.text()).toBe('{"a":1}');
  });

  it('may return before its stream ends', async () => {
    expect(await (await fetch(`${base}/piped`)).text()).toBe('later');
  });
});

it('an object with a status code that fetch style returned is told to be Lambda’s', async () => {
  const files = { 'index.mjs': 'export default () => ({ statusCode: 200, body: "x" })' };
  await using other = await RuntimeProcess.start({ files });
  expect((await fetch(await other.url())).status).toBe(500);
  const line = await other.line(({ message }) => message === 'the function failed');
  expect(JSON.stringify(line)).toContain('set FLINT_SIGNATURE=lambda');
});
