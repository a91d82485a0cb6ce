import { expect, it } from 'vitest';
import { KubectlError } from './framework/kubectl.ts';
import { functionManifest, slowCode } from './framework/manifest.ts';
import { eventually, pause } from './framework/patience.ts';
import { tellStories } from './framework/story.ts';

const story = tellStories();
const manifest = functionManifest('synced', slowCode, { scaling: { target: 2, maxReplicas: 3 } });
const asArgo = ['--server-side', '--field-manager=argocd-controller'];

/**
 * `kubectl diff` exits with 1 and prints what differs if anything does. It reads the object and what an apply would make of
 * it one after the other: a status that is written in between is a difference of that moment, and no drift.
 */
async function isUndrifted(): Promise<true | undefined> {
  const diff = await story.kubectl.execute(['diff', ...asArgo, '--filename=-'], manifest).then(
    () => '',
    (error: unknown) => (error instanceof KubectlError ? error.stdout : String(error)),
  );
  if (diff === '') {
    return true;
  }
  expect(diff).toMatch(/^[-+] {2}resourceVersion: /mu);
  return undefined;
}

it('an apply that is repeated while the autoscaler works meets no conflict, changes nothing and sees no drift', async () => {
  await story.kubectl.apply(manifest, ...asArgo);
  const before = await story.untilReady('synced');
  const stop = new AbortController();
  const load = Promise.all(
    Array.from({ length: 6 }, async () => {
      const statuses: number[] = [];
      while (!stop.signal.aborted) {
        statuses.push((await story.request('synced', { path: '/?ms=50' })).status);
      }
      return statuses;
    }),
  );
  let most = 0;
  // However slow the machine: before the autoscaler has done anything, nothing was tried.
  for (let round = 0; round < 12 || most < 2; round++) {
    expect(await story.kubectl.apply(manifest, ...asArgo)).toContain('serverside-applied');
    await eventually('nothing differs', isUndrifted);
    most = Math.max(most, (await story.pods('synced')).length);
    await pause(250);
  }
  stop.abort();
  expect(new Set((await load).flat())).toEqual(new Set([200]));
  expect(most).toBeGreaterThan(1);
  const after = await story.function('synced');
  expect(after.metadata.generation).toBe(before.metadata.generation);
  expect(after.status?.latestReadyRevision).toBe(before.status?.latestReadyRevision);
});

it('nobody but the user owns a field of the spec', async () => {
  const fn = await story.kubectl.json<{ metadata: { managedFields: { manager: string; fieldsV1: object }[] } }>(
    'get',
    'function/synced',
    '--show-managed-fields',
  );
  const owners = fn.metadata.managedFields.filter(({ fieldsV1 }) => 'f:spec' in fieldsV1).map(({ manager }) => manager);
  expect(owners).toEqual(['argocd-controller']);
});
