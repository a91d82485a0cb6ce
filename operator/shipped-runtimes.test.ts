import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { KubeClient } from '../lib/kube/client.ts';
import { StatusError } from '../lib/kube/status-error.ts';
import { silentLogger } from '../lib/log.ts';
import { FakeClock, settle } from '../lib/testing/fake-clock.ts';
import { ShippedRuntimes } from './shipped-runtimes.ts';

let folder: string;
let file: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flint-runtimes-'));
  file = join(folder, 'runtimes.json');
  const named = (name: string): object => ({ apiVersion: 'flint.dev/v1alpha1', kind: 'Runtime', metadata: { name } });
  await writeFile(file, JSON.stringify([named('nodejs'), named('python')]));
});
afterAll(() => rm(folder, { recursive: true }));

/** Refuses the first `refusals` calls. */
function makeClient(applied: string[], refusals = 0): Pick<KubeClient, 'apply'> {
  let left = refusals;
  return {
    apply: (_resource: unknown, { metadata }: { metadata: { name: string } }) => {
      left -= 1;
      if (left >= 0) {
        return Promise.reject(
          new StatusError({ code: 404, reason: 'NotFound', message: 'the kind is not served yet' }),
        );
      }
      applied.push(metadata.name);
      return Promise.resolve();
    },
  } as unknown as KubeClient;
}

async function start(
  client: Pick<KubeClient, 'apply'>,
  path = file,
): Promise<{ clock: FakeClock; stop: () => Promise<void> }> {
  const clock = new FakeClock();
  const stop = new AbortController();
  const { promise: called, resolve } = Promise.withResolvers<void>();
  const observed: typeof client = {
    apply: (...call) => {
      resolve();
      return client.apply(...call);
    },
  };
  const deps = { client: observed, clock, random: () => 0.5, log: silentLogger, file: path };
  const run = new ShippedRuntimes(deps).run(stop.signal);
  // The file is read in the machine's own time.
  await Promise.race([called, run.catch(() => undefined)]);
  await settle();
  return {
    clock,
    stop: () => {
      stop.abort();
      return run;
    },
  };
}

it('applies every one once and then rests until it is stopped', async () => {
  const applied: string[] = [];
  const { clock, stop } = await start(makeClient(applied));
  expect(applied).toEqual(['nodejs', 'python']);
  expect(clock.pending).toBe(0);
  await stop();
});

it('tries again when the server refuses, as before the kind is served', async () => {
  const applied: string[] = [];
  const { clock, stop } = await start(makeClient(applied, 2));
  expect(applied).toEqual([]);
  await clock.advance(5000);
  expect(applied).toEqual(['nodejs', 'python']);
  await stop();
});

it('stops while it waits to try again', async () => {
  const { stop } = await start(makeClient([], Infinity));
  await stop();
});

it('does not go on without its file', async () => {
  const { stop } = await start(makeClient([]), join(folder, 'missing.json'));
  await expect(stop()).rejects.toThrow('missing.json');
});
