import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect } from 'vitest';
import { systemClock, systemRandom } from '../lib/clock.ts';
import { openConnection } from '../lib/kube/connect.ts';
import { createClient, type HttpClient } from '../lib/kube/http-client.ts';
import { listAll } from '../lib/kube/list-all.ts';
import type { ConfigMap, KubeObject } from '../lib/kube/objects.ts';
import { configMaps, pods } from '../lib/kube/resources.ts';
import { localIt } from './framework/current-target.ts';
import { type LocalFlint, project, startLocalFlint } from './framework/local-target.ts';
import { functionManifest, greeting } from './framework/manifest.ts';
import { eventually } from './framework/patience.ts';
import { Steps } from './framework/steps.ts';

/** What `--data DIR` keeps. Each story starts and ends a Flint of its own, twice. */

const options = { timeout: 360_000 };
const fieldManager = 'tester';
let folder = '';
let flint: LocalFlint | undefined;
let client: HttpClient | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flint-state-'));
});
afterEach(async () => {
  await client?.close();
  // Not killed: that would leave its Pods' processes to the next start, and there is none.
  await flint?.stop();
  [client, flint] = [undefined, undefined];
  await rm(folder, { recursive: true, force: true });
});

async function start(): Promise<{ readonly story: Steps; readonly client: HttpClient }> {
  flint = await startLocalFlint(`--data=${folder}`);
  const connection = await openConnection({ kind: 'kubeconfig', file: flint.ready.kubeconfig });
  client = createClient({ connection, clock: systemClock, random: systemRandom, userAgent: fieldManager });
  return { story: new Steps(flint.target, 'default'), client };
}

async function end(): Promise<void> {
  await flint?.stop();
  flint = undefined;
  await client?.close();
  client = undefined;
}

/** Creates and changes ConfigMaps until the server is gone, and notes of each what it was answered last. */
async function writeUntilGone(kube: HttpClient, writer: number, answered: Map<string, ConfigMap>): Promise<void> {
  try {
    for (let index = 0; ; index++) {
      const metadata = { namespace: 'default', name: `written-${writer}-${index}` };
      const created = await kube.create(
        configMaps,
        { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { is: 'created' } },
        { fieldManager },
      );
      answered.set(metadata.name, created);
      answered.set(
        metadata.name,
        await kube.mergePatch(configMaps, metadata, { data: { is: 'changed' } }, { fieldManager }),
      );
    }
  } catch {
    // Killed, as it should be.
  }
}

function uids(objects: readonly KubeObject[]): string[] {
  return objects.map(({ metadata }) => `${metadata.name} ${metadata.uid ?? ''}`).sort();
}

async function describe(story: Steps): Promise<Record<string, string[]>> {
  const kinds = ['functions', 'revisions', 'deployments', 'replicasets', 'services', 'namespaces', 'crds', 'runtimes'];
  const all = await Promise.all(kinds.map(async (kind) => [kind, uids(await story.objects(kind))] as const));
  return Object.fromEntries(all);
}

localIt('killed in the middle of writes, everything that was answered is there again and serves', options, async () => {
  const before = await start();
  await before.story.kubectl.apply(functionManifest('cold', greeting('from zero')));
  await before.story.kubectl.apply(
    functionManifest('warm', greeting('still here'), { scaling: { idleTimeout: '10m', initialReplicas: 0 } }),
  );
  await Promise.all([before.story.untilReady('cold'), before.story.untilReady('warm')]);
  expect((await before.story.request('warm')).text).toBe('still here');
  await before.story.untilZero('cold');
  await before.story.kubectl.run('delete', 'function/hello');
  const want = await eventually('the garbage of hello is gone', async () => {
    const seen = await describe(before.story);
    return JSON.stringify(seen).includes('hello') ? undefined : seen;
  });
  const answered = new Map<string, ConfigMap>();
  const writers = [0, 1, 2, 3].map((writer) => writeUntilGone(before.client, writer, answered));
  await eventually('there is much to lose', () => (answered.size > 200 ? true : undefined), { withinMs: 90_000 });
  await flint?.kill();
  await Promise.all(writers);
  flint = undefined;
  await before.client.close();

  const after = await start();
  expect(await describe(after.story)).toEqual(want);
  const present = await listAll(after.client, configMaps, { namespace: 'default' });
  const found = new Map(present.map((item) => [item.metadata.name, item]));
  for (const [name, last] of answered) {
    const { uid, creationTimestamp } = last.metadata;
    expect(found.get(name)?.metadata).toMatchObject({ uid, creationTimestamp });
    // A change whose answer was lost on the way may have been made.
    expect([last.data, { is: 'changed' }]).toContainEqual(found.get(name)?.data);
  }
  const versions = [...answered.values()].map(({ metadata }) => Number(metadata.resourceVersion));
  const metadata = { namespace: 'default', name: 'written-after' };
  const next = await after.client.create(
    configMaps,
    { apiVersion: 'v1', kind: 'ConfigMap', metadata },
    { fieldManager },
  );
  expect(Number(next.metadata.resourceVersion)).toBeGreaterThan(Math.max(...versions));
  expect((await after.story.request('cold')).text).toBe('from zero');
  expect((await after.story.request('warm')).text).toBe('still here');
  const [pod, ...others] = await after.story.untilPods('warm', (count) => count === 1);
  expect(others).toEqual([]);
  const status = await eventually('the replica is started again', async () => {
    const live = await after.client.get(pods, pod?.metadata ?? metadata);
    return live.status?.containerStatuses?.find(({ ready }) => ready);
  });
  expect(status).toMatchObject({ restartCount: 1, lastState: { terminated: { exitCode: 255, reason: 'Unknown' } } });
  await expect(watchFrom(after.client, String(versions[0]))).rejects.toMatchObject({ code: 410, reason: 'Expired' });
});

async function watchFrom(kube: HttpClient, resourceVersion: string): Promise<void> {
  const { signal } = new AbortController();
  for await (const _event of kube.watch(configMaps, { resourceVersion, timeoutSeconds: 5 }, signal)) {
    return;
  }
}

localIt('after Ctrl-C the next start goes on, and what was removed stays removed', options, async () => {
  const before = await start();
  await before.story.kubectl.apply(functionManifest('kept', greeting('kept')));
  await before.story.untilReady('kept');
  await before.story.kubectl.run('delete', 'function/hello', '--wait');
  await end();
  const after = await start();
  expect((await after.story.objects('functions')).map(({ metadata }) => metadata.name)).toEqual(['kept']);
  expect((await after.story.request('kept')).text).toBe('kept');
  await end();
});

localIt('a state of a newer Flint is refused with the way out', options, async () => {
  await start();
  await end();
  const database = new DatabaseSync(join(folder, 'state.sqlite'));
  database.exec('PRAGMA user_version = 99');
  database.close();
  const child = spawn(process.execPath, ['local/main.ts', '--port=0', '--api-port=0', `--data=${folder}`], {
    cwd: project,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const [stderr, [code]] = await Promise.all([text(child.stderr), once(child, 'close') as Promise<[number | null]>]);
  expect([code, stderr]).toEqual([1, expect.stringContaining('was written by a newer Flint')]);
  expect(stderr).toContain('move the file');
  expect(stderr).not.toContain('    at ');
});
