import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { deployments, leases } from '../../lib/kube/resources.ts';
import { inline } from './manifests.ts';
import { OperatorWorld } from './world.ts';

let world: OperatorWorld;
beforeEach(async () => {
  world = await OperatorWorld.start();
});
afterEach(() => world.stopOperator());

describe('several operators', () => {
  it('take turns by a lease, which the one that stops gives back', async () => {
    await world.stopOperator();
    world = await OperatorWorld.start({ FLINT_LEADER_ELECTION: 'true', FLINT_NAMESPACE: 'default' });
    await world.applyFunction('hello', inline('one'));
    await world.prove();
    expect(await world.condition('Ready')).toMatchObject({ status: 'True' });
    await world.stopOperator();
    const lease = await world.client.get(leases, { namespace: 'default', name: 'flint-operator' });
    expect(lease.spec.holderIdentity).toBe('');
    world.startOperator();
    await world.applyFunction('hello', inline('two'));
    await world.prove();
    expect((await world.latest()).spec.code?.sha256).toBeDefined();
    expect(await world.revisionNames()).toHaveLength(2);
  });

  it('wait for the one that leads, and take over when nothing is heard of it any more', async () => {
    await world.stopOperator();
    world = await OperatorWorld.start({ FLINT_LEADER_ELECTION: 'true', FLINT_NAMESPACE: 'default' });
    await world.stopOperator();
    const lease = {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name: 'flint-operator', namespace: 'default' },
      spec: { holderIdentity: 'another', leaseDurationSeconds: 30 },
    };
    await world.client.apply(leases, lease, { fieldManager: 'another', force: true });
    world.startOperator();
    await world.applyFunction('hello', inline('one'));
    expect(await world.settle()).toEqual([]);
    await world.clock.advance(40_000);
    expect(await world.all(deployments)).toHaveLength(1);
  });
});
