import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { seededRandom } from '../../lib/testing/seeded-random.ts';
import { FakeClock } from '../../lib/testing/fake-clock.ts';
import { makeKubeconfig } from '../launch/kubeconfig.ts';
import type { LocalFlint } from '../launch/launch.ts';
import { serve } from './serve.ts';

it('ends at once when Ctrl-C comes before it begins', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'flint-serve-'));
  const kubeconfig = join(dataDir, 'kubeconfig');
  await writeFile(kubeconfig, makeKubeconfig({ url: 'http://127.0.0.1:1' }));
  const flint = { client: {}, ready: { kubeconfig } } as Pick<LocalFlint, 'client' | 'ready'>;
  const said: string[] = [];
  const say = (line: string): void => {
    said.push(line);
  };
  const deps = { clock: new FakeClock(), random: seededRandom(1), dataDir, envFile: undefined, cwd: dataDir, say };
  await serve(flint, [], deps, AbortSignal.abort());
  expect(said).toEqual([]);
  await rm(dataDir, { recursive: true });
});
