import { expect, it } from 'vitest';
import { functionManifest, slowCode } from './framework/manifest.ts';
import { pause } from './framework/patience.ts';
import { tellStories } from './framework/story.ts';

const story = tellStories();
const manifest = functionManifest('synced', slowCode, { scaling: { target: 2, maxReplicas: 3 } });
const asArgo = ['--server-side', '--field-manager=argocd-controller'];

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
  for (let round = 0; round < 12; round++) {
    expect(await story.kubectl.apply(manifest, ...asArgo)).toContain('serverside-applied');
    // Exits with 1 and prints what differs if anything does.
    await story.kubectl.execute(['diff', ...asArgo, '--filename=-'], manifest);
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
