import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from 'vitest';
import { Replica } from './replica.ts';

const replicas: Replica[] = [];

async function start(
  files: Readonly<Record<string, string>>,
  env?: Readonly<Record<string, string>>,
): Promise<Replica> {
  const replica = await Replica.start(files, env);
  replicas.push(replica);
  return replica;
}

async function serve(code: string, file = 'index.mjs', env?: Readonly<Record<string, string>>): Promise<Replica> {
  return (await start({ [file]: code }, env)).listening();
}

afterEach(async () => {
  await Promise.all(replicas.splice(0).map((replica) => replica.dispose()));
});

describe('a handler', () => {
  const cases = [
    {
      name: 'is a fetch-style function of an ES module',
      file: 'index.mjs',
      code: 'export default (r) => new Response(new URL(r.url).pathname);',
    },
    {
      name: 'is an object with fetch',
      file: 'index.mjs',
      code: 'export default { fetch(r) { return new Response(new URL(r.url).pathname); } };',
    },
    {
      name: 'is (req, res) of an ES module',
      file: 'index.js',
      code: 'export default (req, res) => { res.end(req.url); };',
    },
    {
      name: 'is (req, res) of CommonJS',
      file: 'index.js',
      code: 'module.exports = function (req, res) { res.end(req.url); };',
    },
    {
      name: 'is fetch-style in CommonJS',
      file: 'index.cjs',
      code: 'module.exports = async (request) => new Response(new URL(request.url).pathname);',
    },
    {
      name: 'is TypeScript without a build',
      file: 'index.ts',
      code: 'export default (r: Request): Response => new Response(new URL(r.url).pathname);',
    },
    {
      name: 'finds its siblings',
      file: 'index.mjs',
      code: "import { a } from './lib/a.mjs'; export default a;",
      more: { 'lib/a.mjs': 'export const a = (r) => new Response(new URL(r.url).pathname);' },
    },
  ];
  for (const { name, file, code, more } of cases) {
    it(name, async () => {
      const replica = await (await start({ [file]: code, ...more })).listening();
      expect(await replica.call({ path: '/a' })).toMatchObject({ status: 200, body: '/a' });
    });
  }

  it('is the export that FLINT_HANDLER names', async () => {
    const replica = await serve('export const other = () => new Response("other");', 'app.mjs', {
      FLINT_HANDLER: 'app.other',
    });
    expect((await replica.call()).body).toBe('other');
  });

  it('learns who it is and for which request', async () => {
    const replica = await serve('export default (r, context) => Response.json(context);');
    const { body } = await replica.call({ headers: { 'x-request-id': 'id-1' } });
    expect(JSON.parse(body)).toMatchObject({
      requestId: 'id-1',
      functionName: 'hello',
      namespace: 'shop',
      revision: 'hello-1',
    });
  });

  it('gets the body, and gives status, headers and cookies', async () => {
    const replica = await serve(`export default async (r) => {
      const headers = new Headers([['set-cookie', 'a=1'], ['set-cookie', 'b=2'], ['x-a', 'b']]);
      return new Response(await r.text(), { status: 201, headers });
    };`);
    const answer = await replica.call({ method: 'POST', body: 'hi' });
    expect(answer).toMatchObject({ status: 201, body: 'hi', headers: { 'x-a': 'b', 'set-cookie': ['a=1', 'b=2'] } });
  });

  it('streams its answer', async () => {
    const replica = await serve(`export default () => new Response(new ReadableStream({
      async start(c) { c.enqueue(new TextEncoder().encode('a')); await new Promise((r) => setTimeout(r, 200)); c.enqueue(new TextEncoder().encode('b')); c.close(); },
    }));`);
    const response = await replica.open();
    const [first] = (await once(response, 'data')) as [Buffer];
    expect(first.toString()).toBe('a');
    expect(await text(response)).toBe('b');
  });

  it('sees its client leave', async () => {
    const replica = await serve(`export default (r) => new Promise((resolve) => {
      r.signal.addEventListener('abort', () => { console.log('left'); resolve(new Response()); });
      console.log('waiting');
    });`);
    const leaving = new AbortController();
    const answer = replica.open({ signal: leaving.signal });
    await expect.poll(() => replica.logs.map((record) => record.message)).toContain('waiting');
    leaving.abort();
    await expect(answer).rejects.toThrow();
    await expect.poll(() => replica.logs.map((record) => record.message)).toContain('left');
  });

  it('tells with its first answer how long it took to load, and with no other', async () => {
    const replica = await serve('export default () => new Response("");');
    expect(Number((await replica.call()).headers['flint-load-ms'])).toBeGreaterThan(0);
    expect((await replica.call()).headers).not.toHaveProperty('flint-load-ms');
  });
});

describe('an error', () => {
  const cases = [
    { name: 'that is thrown', code: 'export default () => { throw new Error("boom"); };', message: 'boom' },
    {
      name: 'that is a rejection',
      code: 'export default async (req, res) => { throw new Error("boom"); };',
      message: 'boom',
    },
    {
      name: 'of returning no Response',
      code: 'export default () => "text";',
      message: 'the handler returned string',
      stack: 'a fetch-style handler returns a Response',
    },
  ];
  for (const { name, code, message, stack = 'index.mjs' } of cases) {
    it(`${name} is 500 without a stack for the client and with one in the log`, async () => {
      const replica = await serve(code);
      const answer = await replica.call({ headers: { 'x-request-id': 'id-7' } });
      expect(answer.status).toBe(500);
      expect(JSON.parse(answer.body)).toEqual({
        title: 'Internal Server Error',
        status: 500,
        detail: 'the function failed',
        requestId: 'id-7',
      });
      const record = replica.logs.find(({ level }) => level === 'error');
      expect(record?.message).toContain(message);
      expect(record?.stack).toContain(stack);
      expect(record?.requestId).toBe('id-7');
    });
  }

  it('that nobody catches ends the process with 70 and its reason', async () => {
    const replica = await serve(
      'export default () => { setTimeout(() => { throw new Error("late"); }); return new Response(""); };',
    );
    await replica.call();
    expect(await replica.ended).toBe(70);
    expect(await replica.terminationMessage()).toBe('Error: late');
  });
});

describe('code that cannot serve', () => {
  const cases = [
    {
      name: 'has a syntax error',
      files: { 'index.mjs': 'export default () => {\n  return }};' },
      exitCode: 65,
      message: /^SyntaxError: .*\(index\.mjs:2/u,
    },
    {
      name: 'throws while it loads',
      files: { 'index.mjs': '\nthrow new TypeError("no");' },
      exitCode: 65,
      message: /^TypeError: no \(index\.mjs:2:7\)$/u,
    },
    {
      name: 'imports what is not there',
      files: { 'index.mjs': "import './gone.mjs';" },
      exitCode: 65,
      message: /Cannot find module/u,
    },
    { name: 'has no file', files: { 'readme.md': '' }, exitCode: 66, message: /it has: readme\.md$/u },
    {
      name: 'exports nothing by default',
      files: { 'index.mjs': 'export const a = 1, b = 2;' },
      exitCode: 66,
      message: /has no default export; it exports: a, b$/u,
    },
    {
      name: 'exports something that is no function',
      files: { 'index.mjs': 'export default 7;' },
      exitCode: 66,
      message: /is number, not a function/u,
    },
    {
      name: 'lacks the export that was named',
      files: { 'index.mjs': 'export default 1;' },
      env: { FLINT_HANDLER: 'index.foo' },
      exitCode: 66,
      message: /has no export 'foo'; it exports: default/u,
    },
    {
      name: 'lacks the file that was named',
      files: { 'index.mjs': '' },
      env: { FLINT_HANDLER: 'gone.foo' },
      exitCode: 66,
      message: /the handler's file 'gone' does not exist; there are: index\.mjs/u,
    },
    {
      name: 'is not even looked at with a wrong port',
      files: {},
      env: { PORT: 'http' },
      exitCode: 64,
      message: /PORT is 'http'/u,
    },
  ];
  for (const { name, files, env, exitCode, message } of cases) {
    it(`${name}: exit code ${exitCode}, one line why`, async () => {
      const replica = await start(files as Record<string, string>, env);
      expect(await replica.ended).toBe(exitCode);
      expect(await replica.terminationMessage()).toMatch(message);
      expect(replica.logs.at(-1)).toMatchObject({ level: 'fatal', message: expect.stringMatching(message) });
    });
  }
});

describe('logs', () => {
  it('are JSON lines with the id of the request that wrote them, console included', async () => {
    const replica = await serve(`export default async (r) => {
      console.log('before', { a: 1 });
      await new Promise((resolve) => setTimeout(resolve, 20));
      console.error('after');
      return new Response('');
    };`);
    await Promise.all(['a', 'b'].map((id) => replica.call({ headers: { 'x-request-id': id } })));
    for (const requestId of ['a', 'b']) {
      expect(replica.logs).toContainEqual(
        expect.objectContaining({ level: 'info', message: 'before { a: 1 }', requestId }),
      );
      expect(replica.logs).toContainEqual(expect.objectContaining({ level: 'error', message: 'after', requestId }));
    }
  });
});

describe('SIGTERM', () => {
  it('ends an idle replica at once, kept-alive connections or not', async () => {
    const replica = await serve('export default () => new Response("");');
    await replica.call({ headers: { connection: 'keep-alive' } });
    const startedAt = performance.now();
    replica.kill('SIGTERM');
    expect(await replica.ended).toBe(0);
    expect(performance.now() - startedAt).toBeLessThan(1000);
  });

  it('lets what runs finish, and takes nothing new', async () => {
    const replica = await serve(
      'export default async () => { await new Promise((r) => setTimeout(r, 400)); return new Response("done"); };',
    );
    const running = replica.call();
    await new Promise((resolve) => setTimeout(resolve, 100));
    replica.kill('SIGTERM');
    await new Promise((resolve) => setTimeout(resolve, 100));
    await expect(replica.call()).rejects.toThrow();
    expect((await running).body).toBe('done');
    expect(await replica.ended).toBe(0);
  });

  it('does not wait for what runs beyond the drain time', async () => {
    const replica = await serve('export default () => new Promise(() => {});', 'index.mjs', {
      FLINT_DRAIN_TIMEOUT: '200ms',
    });
    const running = replica.call().catch(() => 'cut off');
    await new Promise((resolve) => setTimeout(resolve, 100));
    replica.kill('SIGTERM');
    expect(await replica.ended).toBe(0);
    expect(await running).toBe('cut off');
  });
});
