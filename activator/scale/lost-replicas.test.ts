import { describe, expect, it } from 'vitest';

import type { FakePod } from '../testing/fake-cluster.ts';
import { aRoute, type RouteFields } from '../testing/fake-function.ts';
import { type FakeWorld, leased, makeWorld } from '../testing/fake-world.ts';

const fields: RouteFields = {
  concurrencyLimit: 10,
  scaling: { minReplicas: 5, target: 10, targetUtilizationPercent: 100 },
};

/** Ten replicas, all of them full. */
async function makeLoadedWorld(changes: RouteFields = {}): Promise<FakeWorld> {
  const world = makeWorld();
  const route = world.apply({ ...fields, ...changes });
  const calls = world.calls(route, 100);
  await world.clock.advance(30_000);
  expect(leased(calls)).toHaveLength(100);
  expect(world.cluster.scaleOf('hello-1')).toBe(10);
  return world;
}

/** Their node is gone; those that the ReplicaSet makes in their place are not there yet. */
function lose(world: FakeWorld, pods: readonly FakePod[]): void {
  for (const { pod } of pods) {
    const gone = structuredClone(pod);
    gone.metadata.deletionTimestamp = 'now';
    world.capacity.podChanged(gone);
  }
}

describe('when replicas are lost', () => {
  it('what the load needs is asked for, not only minReplicas', async () => {
    const world = await makeLoadedWorld();
    const before = world.scales.length;
    lose(world, world.cluster.podsOf('hello-1').slice(0, 6));
    await world.clock.advance(5000);
    expect(new Set(world.scales.slice(before))).toEqual(new Set([10]));
  });

  it('all of them, a request does not ask for less than the load needed', async () => {
    const world = await makeLoadedWorld({ scaling: { ...fields.scaling, minReplicas: 0 } });
    const before = world.scales.length;
    lose(world, world.cluster.podsOf('hello-1'));
    world.call(aRoute(fields));
    await world.clock.advance(10);
    expect(world.scales.slice(before)).toEqual([10]);
  });

  it('maxReplicas holds all the same', async () => {
    const world = await makeLoadedWorld();
    const before = world.scales.length;
    world.apply({ ...fields, scaling: { ...fields.scaling, maxReplicas: 7 } });
    lose(world, world.cluster.podsOf('hello-1').slice(0, 6));
    await world.clock.advance(10);
    expect(world.scales.slice(before)).toEqual([7]);
  });
});
