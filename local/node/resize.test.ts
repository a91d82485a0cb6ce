import { afterEach, expect, it } from 'vitest';
import type { Pod } from '../../lib/kube/objects.ts';
import { pods } from '../../lib/kube/resources.ts';
import { aPod, aPodSpec } from '../controllers/testing/builders.ts';
import { ClusterHarness } from '../controllers/testing/cluster-harness.ts';

let cluster: ClusterHarness;
afterEach(() => cluster.stop());

const at = { namespace: 'default', name: 'p' };

/** Keeps 100 MB. */
const program = 'const kept = Buffer.alloc(1e8, 1); setInterval(() => kept.length, 1e6)';

type Status = NonNullable<NonNullable<Pod['status']>['containerStatuses']>[number];

function untilStatus(what: string, isSo: (status: Status) => boolean): Promise<Status> {
  return cluster.until(what, async () => {
    const [status] = (await cluster.client.get(pods, at)).status?.containerStatuses ?? [];
    return status !== undefined && isSo(status) ? status : undefined;
  });
}

function resize(memory: string): Promise<Pod> {
  const containers = [{ name: 'main', image: 'keeper', resources: { limits: { memory } } }];
  return cluster.client.mergePatch(pods, at, { spec: { containers } }, { fieldManager: 'test' });
}

it('a container that runs gets the limit of now: room to go on, and an end when it has too little', async () => {
  cluster = await ClusterHarness.start({ images: { keeper: { command: [process.execPath, '-e', program] } } });
  const resources = { limits: { memory: '512Mi' } };
  await cluster.create(pods, aPod('p', aPodSpec({ image: 'keeper', resources })));
  const before = await untilStatus('it runs', ({ state }) => state?.running !== undefined);
  expect(before.resources?.limits).toEqual({ memory: '512Mi' });

  await resize('1Gi');
  const after = await untilStatus('it has more', (status) => status.resources?.limits?.['memory'] === '1Gi');
  expect(after).toMatchObject({ containerID: before.containerID, restartCount: 0 });

  await resize('50Mi');
  await untilStatus('it is killed', ({ lastState }) => lastState?.terminated?.reason === 'OOMKilled');
});
