import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { WatchEvent } from '../../lib/kube/client.ts';
import type { Pod } from '../../lib/kube/objects.ts';
import { StatusError } from '../../lib/kube/status-error.ts';
import { FakeClock } from '../../lib/testing/fake-clock.ts';
import { followFunctionFailures } from './function-failures.ts';

let dataDir: string;
beforeEach(async () => {
  dataDir = await realpath(await mkdtemp(join(tmpdir(), 'flint-failures-')));
});
afterEach(() => rm(dataDir, { recursive: true }));

const pod: Pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'hello-1', namespace: 'shop', uid: '1', labels: { 'flint.dev/function': 'hello' } },
  spec: { containers: [{ name: 'function' }] },
  status: {
    containerStatuses: [
      { name: 'function', image: '', imageID: '', ready: true, restartCount: 0, state: { running: {} } },
    ],
  },
};

/** What is said while the function's log has these lines, or cannot be read. */
async function follow(log: readonly string[] | Error): Promise<string[]> {
  const said: string[] = [];
  const stop = new AbortController();
  await followFunctionFailures(
    {
      clock: new FakeClock(),
      random: () => 0.5,
      dataDir,
      say: (line) => said.push(line),
      client: {
        async *list() {
          await Promise.resolve();
          yield { items: [], resourceVersion: '1' };
        },
        async *watch<T>(): AsyncGenerator<WatchEvent<T>> {
          yield { type: 'BOOKMARK', resourceVersion: '1', initialEventsEnd: true };
          yield { type: 'MODIFIED', object: pod as T };
          await new Promise(setImmediate);
          stop.abort();
        },
      },
      logs: {
        async *open() {
          await Promise.resolve();
          if (log instanceof Error) {
            throw log;
          }
          yield Buffer.from(`${log.join('\n')}\n`);
        },
      },
    },
    stop.signal,
  );
  return said;
}

function record(level: string, fields: object): string {
  const time = new Date(2026, 0, 2, 15, 4, 5, 67).toISOString();
  return JSON.stringify({ time, level, message: `of ${level}`, ...fields });
}

it('says the errors of a function, with the place in its code, and nothing else that it logs', async () => {
  const stack = `Error: the database is away\n    at default (file://${dataDir}/volumes/0a1b/index.mjs:2:9)\n    at x (node:net:1:1)`;
  const error = { name: 'Error', message: 'the database is away', stack };
  const log = [record('info', {}), 'plain text', record('warn', {}), record('error', { error }), record('fatal', {})];
  expect(await follow(log)).toEqual([
    [
      '15:04:05.067  error  shop/hello  of error',
      '    Error: the database is away',
      '        at default (index.mjs:2:9)',
    ].join('\n'),
    '15:04:05.067  fatal  shop/hello  of fatal',
  ]);
});

it('says of a log that it cannot be read, but not of one that is not there yet', async () => {
  expect(await follow(new StatusError({ code: 400, reason: 'BadRequest', message: 'is waiting to start' }))).toEqual(
    [],
  );
  expect(await follow(new Error('disk'))).toEqual(['the log of shop/hello (hello-1) cannot be read: disk']);
});
