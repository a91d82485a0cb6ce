import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import type { Case } from '../../conformance/case.ts';
import { check, checkProcess, featuresOf, wantsOwnProcess } from '../../conformance/run.ts';
import { RuntimeProcess } from './testing/runtime-process.ts';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const cases = JSON.parse(await readFile(here('../../conformance/cases.json'), 'utf8')) as Case[];
const fixtures = here('../fixtures/conformance');

/**
 * By the signature that each is written in. `cloudevent` and `google-event` take events and no requests: adapters/google has
 * their tests.
 */
const signatures = [
  { name: 'fetch', want: 'fetch' },
  { name: 'node-http', want: 'http' },
  { name: 'lambda', want: 'lambda' },
  { name: 'lambda-stream', want: 'lambda' },
  { name: 'google-http', want: 'google-http' },
  { name: 'knative', want: 'knative' },
  { name: 'openfaas', want: 'openfaas' },
];

describe.each(signatures)('the table of all runtimes, signature $name', async ({ name, want }) => {
  const read = async (file: string): Promise<string> => readFile(`${fixtures}/${file}.mjs`, 'utf8');
  const files = { 'index.mjs': await read(name), 'streams.mjs': await read('streams') };
  const runtime = await RuntimeProcess.start({ files });
  const features = await featuresOf(await runtime.url());
  afterAll(async () => {
    await runtime[Symbol.asyncDispose]();
  });
  const concerned = cases.filter(({ feature }) => feature === undefined || features.includes(feature));

  it('is what is tested here', async () => {
    await runtime.url();
    expect(runtime.lines).toMatchObject([{ message: 'serving', signature: want }]);
  });

  it.each(concerned.filter((one) => !wantsOwnProcess(one)))('$name', async (one) => {
    expect(await check(await runtime.url(), one)).toEqual([]);
  });

  const env = { FLINT_CODE_PATH: fixtures, FLINT_ENTRY_FILES: `${name}.mjs` };
  it.each(concerned.filter(wantsOwnProcess))('$name', async (one) => {
    expect(await checkProcess([process.execPath, here('main.ts')], one, env)).toEqual([]);
  });
});

describe('the tool of runtime authors', () => {
  const tool = here('../../conformance/main.ts');
  const run = async (env: NodeJS.ProcessEnv, ...values: string[]): Promise<{ code: unknown; output: string }> => {
    try {
      const { stdout } = await promisify(execFile)(process.execPath, [tool, ...values], {
        env: { ...process.env, ...env },
      });
      return { code: 0, output: stdout };
    } catch (error) {
      const { code, stdout, stderr } = error as { code: unknown; stdout: string; stderr: string };
      return { code, output: stdout + stderr };
    }
  };

  it.each([[], ['--unknown', 'http://127.0.0.1:1']])(
    'called with %j ends with 64 and says how it is called',
    async (...values) => {
      expect(await run({}, ...values)).toMatchObject({
        code: 64,
        output: expect.stringContaining('-- COMMAND') as string,
      });
    },
  );

  it('ends with 0 when nothing failed, also in the cases for which it starts the runtime', async () => {
    const handler = { FLINT_CODE_PATH: fixtures, FLINT_ENTRY_FILES: 'fetch.mjs' };
    const { code, output } = await run(handler, '--only', 'idle', '--', process.execPath, here('main.ts'));
    expect({ code, output }).toEqual({
      code: 0,
      output: 'ok      SIGTERM ends an idle runtime with 0\n\n1 passed, 0 failed, 0 skipped\n',
    });
  });

  it('ends with 1 when nothing answers', async () => {
    expect(await run({}, 'http://127.0.0.1:1')).toEqual({ code: 1, output: 'nothing answers at http://127.0.0.1:1\n' });
  });

  it('ends with 1 when the command does not serve', async () => {
    const { code, output } = await run({}, '--', process.execPath, '-e', 'process.exit(3)');
    expect([code, output]).toEqual([1, 'the command ended with 3 instead of opening its port\n']);
  });

  describe('on a server that answers all the same', async () => {
    const server = createServer((_request, response) => response.end('always this')).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    afterAll(() => server.close());

    it('ends with 1 and says what failed, and why', async () => {
      expect(await run({}, '--only', 'a status', url)).toEqual({
        code: 1,
        output: [
          "FAILED  a status of the function's choice",
          '        /status/418: status is 200, not 418',
          '        /status/418: body is "always this", not "status 418"',
          '\n0 passed, 1 failed, 0 skipped\n',
        ].join('\n'),
      });
    });

    it('leaves out what wants a process of its own, or a feature, and says so', async () => {
      const wanted = { idle: 'wants a process of its own', trailers: 'the function has no trailers' };
      for (const [only, reason] of Object.entries(wanted)) {
        const { code, output } = await run({}, '--only', only, url);
        expect([code, output]).toEqual([0, expect.stringMatching(`^skipped .* \\(${reason}\\)\\n\n0 passed`)]);
      }
    });
  });
});
