import { describe, expect, it } from 'vitest';
import { RawConnection } from './testing/raw-connection.ts';
import { RuntimeProcess } from './testing/runtime-process.ts';

async function start(handler: string, env: Readonly<Record<string, string>> = {}): Promise<RuntimeProcess> {
  const runtime = await RuntimeProcess.start({ files: { 'index.mjs': handler }, env });
  await runtime.url();
  return runtime;
}

async function open(runtime: RuntimeProcess, path = '/'): Promise<RawConnection> {
  const client = await RawConnection.open(await runtime.url());
  client.send(`GET ${path} HTTP/1.1`, 'host: test', 'x-request-id: one', '', '');
  return client;
}

const waiting = `
  export default async (request) => {
    console.log('started');
    await new Promise((resolve) => setTimeout(resolve, Number(new URL(request.url).searchParams.get('ms'))));
    return new Response('finished');
  };
`;

const streaming = `
  async function* ticks(count, signal) {
    for (let tick = 0; tick < count; tick++) {
      yield 'tick ' + tick + '\\n';
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
  export default (request) => {
    const { searchParams } = new URL(request.url);
    if (searchParams.has('crash')) {
      setTimeout(() => { throw new Error('crash'); });
      return searchParams.get('crash') === 'late' ? new Response('answered') : new Promise(() => {});
    }
    request.signal.addEventListener('abort', () => console.log('the stream was told'));
    return new Response(ticks(Number(searchParams.get('ticks'))));
  };
`;

describe('SIGTERM', () => {
  it('ends an idle process at once, its idle connections with it', async () => {
    // Longer than this test may take: it is not waited for, nor is the time for which idle connections are kept.
    await using runtime = await start('export default () => new Response("idle")', { FLINT_DRAIN_TIMEOUT: '1h' });
    await using client = await open(runtime);
    await client.until(/idle/u);
    runtime.signal('SIGTERM');
    expect((await runtime.end()).code).toBe(0);
  });

  it('lets a running request finish and accepts no other', async () => {
    await using runtime = await start(waiting);
    await using client = await open(runtime, '/?ms=500');
    await runtime.line((line) => line['message'] === 'started');
    runtime.signal('SIGTERM');
    const url = await runtime.url();
    const isRefused = async (): Promise<boolean> => {
      try {
        await (await RawConnection.open(url))[Symbol.asyncDispose]();
        return false;
      } catch (error) {
        return (error as NodeJS.ErrnoException).code === 'ECONNREFUSED';
      }
    };
    await expect.poll(isRefused).toBe(true);
    expect(await client.rest()).toMatch(/^HTTP\/1\.1 200[^]*connection: close[^]*finished$/iu);
    expect((await runtime.end()).code).toBe(0);
  });

  it('waits no longer than the drain timeout, and says what it cut off', async () => {
    await using runtime = await start(waiting, { FLINT_DRAIN_TIMEOUT: '100ms' });
    await using client = await open(runtime, '/?ms=60000');
    await runtime.line((line) => line['message'] === 'started');
    runtime.signal('SIGTERM');
    expect(await client.rest()).toBe('');
    const { code, lines } = await runtime.end();
    expect(code).toBe(0);
    expect(lines.at(-1)).toMatchObject({ level: 'warn', signal: 'SIGTERM', drainMs: 100, running: 1 });
  });

  it('waits for work that goes on after the answer', async () => {
    const handler = `export default (request, context) => {
      context.waitUntil(new Promise((resolve) => setTimeout(resolve, 200)).then(() => console.log('worked')));
      return new Response('answered');
    }`;
    await using runtime = await start(handler);
    await using client = await open(runtime);
    await client.until(/answered/u);
    runtime.signal('SIGTERM');
    const { code, lines } = await runtime.end();
    expect(code).toBe(0);
    expect(lines.at(-1)).toMatchObject({ message: 'worked', requestId: 'one' });
  });

  it('reaches a listener of the function too', async () => {
    await using runtime = await start(`
      process.on('SIGTERM', () => console.log('closing the database'));
      ${waiting}`);
    await using client = await open(runtime, '/?ms=100');
    await runtime.line((line) => line['message'] === 'started');
    runtime.signal('SIGTERM');
    expect(await client.rest()).toContain('finished');
    const { code, lines } = await runtime.end();
    expect([code, lines.at(-1)]).toMatchObject([0, { message: 'closing the database' }]);
  });

  it('lets a stream that is open go on to its end', async () => {
    await using runtime = await start(streaming);
    await using client = await open(runtime, '/?ticks=10');
    await client.until(/tick 0/u);
    runtime.signal('SIGTERM');
    expect(await client.rest()).toMatch(/tick 9\n\r\n0\r\n\r\n$/u);
    expect((await runtime.end()).code).toBe(0);
  });

  it('ends a stream when the time is up, for its function as if the client had left', async () => {
    await using runtime = await start(streaming, { FLINT_DRAIN_TIMEOUT: '100ms' });
    await using client = await open(runtime, '/?ticks=10000');
    await client.until(/tick 0/u);
    runtime.signal('SIGTERM');
    expect(await client.rest()).not.toMatch(/\r\n0\r\n\r\n$/u);
    const { code, lines } = await runtime.end();
    expect(code).toBe(0);
    expect(lines.map((line) => line['message']).slice(-2)).toEqual([
      'the drain timeout cut off what still ran',
      'the stream was told',
    ]);
  });

  it('ends a process that still loads', async () => {
    await using runtime = await RuntimeProcess.start({
      files: { 'index.mjs': 'console.log("loading"); await new Promise((resolve) => setTimeout(resolve, 60000))' },
    });
    await runtime.line((line) => line['message'] === 'loading');
    runtime.signal('SIGTERM');
    expect(await runtime.end()).toMatchObject({ code: 0, reason: '' });
  });
});

describe('an error that nothing catches', () => {
  const cases = [
    {
      name: 'thrown by a timer',
      handler: 'export default () => new Promise(() => setTimeout(() => { throw new Error("secret") }, 1))',
    },
    {
      name: 'of a promise that nobody awaits',
      handler: 'export default () => { Promise.reject(new Error("secret")); return new Promise(() => {}) }',
    },
    {
      name: 'thrown by an emitter of a node:http handler',
      handler: 'export default (req, res) => { setImmediate(() => req.emit("error", new Error("secret"))) }',
    },
  ];
  it.each(cases)('$name fails its own request with 500 and ends the process', async ({ handler }) => {
    await using runtime = await start(handler);
    await using client = await open(runtime);
    const answer = await client.rest();
    expect(answer).toMatch(/^HTTP\/1\.1 500[^]*"requestId":"one"/u);
    expect(answer).not.toContain('secret');
    const { code, lines, reason } = await runtime.end();
    expect(code).toBe(70);
    expect(reason).toBe('Error: secret');
    expect(lines.at(-1)).toMatchObject({ level: 'fatal', requestId: 'one', error: { message: 'secret' } });
  });

  it('lets the other requests finish first', async () => {
    await using runtime = await start(`
      export default (request) => {
        if (request.url.endsWith('/crash')) { setTimeout(() => { throw new Error('crash') }); return new Promise(() => {}); }
        console.log('started');
        return new Promise((resolve) => setTimeout(resolve, 200)).then(() => new Response('finished'));
      }`);
    await using other = await open(runtime, '/other');
    await runtime.line((line) => line['message'] === 'started');
    await using crashing = await open(runtime, '/crash');
    expect(await other.rest()).toContain('finished');
    expect(await crashing.rest()).toContain('500');
    expect((await runtime.end()).code).toBe(70);
  });
});

describe('a process that crashed', () => {
  it('cuts off a stream that does not end in time, and then ends with 70', async () => {
    await using runtime = await start(streaming, { FLINT_DRAIN_TIMEOUT: '200ms' });
    await using client = await open(runtime, '/?ticks=10000');
    await client.until(/tick 0/u);
    await using crashing = await open(runtime, '/?crash');
    expect(await crashing.rest()).toMatch(/^HTTP\/1\.1 500/u);
    expect(await client.rest()).not.toMatch(/\r\n0\r\n\r\n$/u);
    const { code, lines } = await runtime.end();
    expect([code, lines.at(-1)]).toMatchObject([70, { message: 'the stream was told' }]);
  });

  it('leaves the answer alone that was complete, and ends with 70', async () => {
    await using runtime = await start(streaming);
    await using client = await open(runtime, '/?crash=late');
    expect(await client.rest()).toMatch(/^HTTP\/1\.1 200[^]*answered$/u);
    expect(await runtime.end()).toMatchObject({ code: 70, reason: 'Error: crash' });
  });

  it('while it was told to stop ends with 70 all the same', async () => {
    await using runtime = await start(streaming);
    await using client = await open(runtime, '/?ticks=50');
    await client.until(/tick 0/u);
    await using crashing = await RawConnection.open(await runtime.url());
    crashing.send('GET /?crash HTTP/1.1', 'host: test', '');
    await client.until(/tick 5/u);
    runtime.signal('SIGTERM');
    await client.until(/tick 10/u);
    crashing.send('', '');
    expect(await crashing.rest()).toMatch(/^HTTP\/1\.1 500/u);
    expect(await client.rest()).toMatch(/tick 49\n\r\n0\r\n\r\n$/u);
    expect((await runtime.end()).code).toBe(70);
  });

  it('outside of any request lets those finish that run', async () => {
    await using runtime = await start(`
      export default (request) => {
        console.log('started');
        return new Promise((resolve) => setTimeout(resolve, 300)).then(() => new Response('finished'));
      };
      process.on('SIGUSR2', () => { Promise.reject(new Error('of nobody')); });
    `);
    await using client = await open(runtime);
    await runtime.line((line) => line['message'] === 'started');
    runtime.signal('SIGUSR2');
    expect(await client.rest()).toMatch(/^HTTP\/1\.1 200[^]*finished$/u);
    const { code, lines, reason } = await runtime.end();
    expect([code, reason]).toEqual([70, 'Error: of nobody']);
    expect(lines.at(-1)).toMatchObject({
      level: 'fatal',
      error: { stack: expect.stringContaining('index.mjs') as string },
    });
  });
});

describe('the function', () => {
  it('that ends the process itself is told so in the log', async () => {
    await using runtime = await start('export default () => process.exit(0)');
    await using client = await open(runtime);
    await client.rest();
    const { code, lines } = await runtime.end();
    expect(code).toBe(0);
    expect(lines.at(-1)).toMatchObject({
      level: 'fatal',
      message: 'the function ended the process',
      exitCode: 0,
      running: 1,
    });
  });

  it('logs with the id of its request, across whatever it awaits, two at a time', async () => {
    await using runtime = await start(`
      export default async (request) => {
        const name = new URL(request.url).pathname.slice(1);
        await new Promise((resolve) => setTimeout(resolve, 20));
        console.log(name);
        return new Response(name);
      }`);
    const url = await runtime.url();
    await Promise.all(
      ['a', 'b'].map(async (id) => (await fetch(`${url}/${id}`, { headers: { 'x-request-id': id } })).text()),
    );
    for (const id of ['a', 'b']) {
      expect(runtime.lines.filter((line) => line['message'] === id)).toMatchObject([{ level: 'info', requestId: id }]);
    }
  });

  it('loses no line of a burst before the end', async () => {
    await using runtime = await start(`
      export default () => {
        process.stdout.write('');
        for (let i = 0; i < 5000; i++) console.log('line ' + i, 'x'.repeat(100));
        process.exit(0);
      }`);
    await using client = await open(runtime);
    await client.rest();
    const { lines } = await runtime.end();
    expect(lines.filter((line) => String(line['message']).startsWith('line '))).toHaveLength(5000);
  });

  it('that warns does so once, in the log’s form, and says where', async () => {
    await using runtime = await start(
      'process.emitWarning("old API", "DeprecationWarning"); export default () => new Response()',
    );
    runtime.signal('SIGTERM');
    const { lines } = await runtime.end();
    expect(lines.filter((line) => line['level'] !== 'info')).toMatchObject([
      {
        level: 'warn',
        message: 'old API',
        warning: 'DeprecationWarning',
        stack: expect.stringContaining('index.mjs:1:9') as string,
      },
    ]);
  });

  it('is not told to add a package.json', async () => {
    await using runtime = await RuntimeProcess.start({
      files: { 'index.ts': 'export default (request: Request) => new Response()' },
    });
    await runtime.url();
    runtime.signal('SIGTERM');
    const { lines } = await runtime.end();
    expect(lines.filter((line) => line['level'] !== 'info')).toEqual([]);
  });
});
