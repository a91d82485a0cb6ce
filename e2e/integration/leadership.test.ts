import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { deployments, leases } from '../../lib/kube/resources.ts';
import { inline } from './manifests.ts';
import type { OperatorProcess } from './process.ts';
import { conclude, stories } from './stories.ts';
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

  const elected = { FLINT_LEADER_ELECTION: 'true', FLINT_NAMESPACE: 'default' };
  /** As in `lib/kube/leader-election.ts`. */
  const [leaseMs, lookMs] = [30_000, 4800];

  async function leaderAndStandby(): Promise<readonly [OperatorProcess, OperatorProcess]> {
    await world.stopOperator();
    world = await OperatorWorld.start(elected);
    await world.settle();
    const standby = world.startOperator();
    const [leader = standby] = world.operators;
    await world.settle();
    return [leader, standby];
  }

  async function holder(): Promise<string | undefined> {
    return (await world.client.get(leases, { namespace: 'default', name: 'flint-operator' })).spec.holderIdentity;
  }

  it('of which the leading one is killed: the other one leads within the lease, and takes up what was begun', async () => {
    const [leader] = await leaderAndStandby();
    leader.limit = { calls: 1, then: 'die' };
    await world.clock.advance(10_000);
    await world.applyFunction('hello', inline('one'));
    await world.settle();
    const before = await holder();
    const killedAt = world.clock.monotonic();
    while ((await holder()) === before && world.clock.monotonic() - killedAt < 2 * leaseMs) {
      await world.clock.advance(200);
    }
    expect(world.clock.monotonic() - killedAt).toBeLessThanOrEqual(leaseMs);
    await world.prove();
    expect(await world.condition('Ready')).toMatchObject({ status: 'True' });
  });

  it.each(stories)(
    'I2: $name: whatever call the leader stands still before, for longer than its lease, the end is the same',
    async (story) => {
      await leaderAndStandby();
      await story.before?.(world);
      await story.change(world);
      const wanted = await conclude(world);
      // Until a round is long enough for all that the leader does.
      for (let calls = 0, stood = true; stood; calls++) {
        const [leader] = await leaderAndStandby();
        await story.before?.(world);
        leader.limit = { calls, then: 'stop' };
        await story.change(world);
        await world.clock.advance(1000);
        stood = leader.isStopped;
        leader.limit = undefined;
        await world.clock.advance(leaseMs + 2 * lookMs);
        // What it was about to do when it was stopped it does now.
        leader.continue();
        expect(await conclude(world), `after ${calls} calls`).toEqual(wanted);
        expect(leader.isRunning, `after ${calls} calls`).toBe(!stood);
      }
    },
  );
});
