import { describe, expect, it } from 'vitest';

import { StatusError } from '../../lib/kube/status-error.ts';
import { type FakePod, makePod } from '../testing/fake-cluster.ts';
import { type FakeWorld, leased, makeWorld } from '../testing/fake-world.ts';

function tellReady(world: FakeWorld, { pod }: FakePod, isReady: boolean): void {
  const changed = structuredClone(pod);
  changed.status = { ...changed.status, conditions: [{ type: 'Ready', status: isReady ? 'True' : 'False' }] };
  world.capacity.podChanged(changed);
}

describe('a replica', () => {
  it('that the kubelet calls Ready is used without being asked', async () => {
    let probes = 0;
    const world = makeWorld({}, { probe: () => Promise.resolve(++probes < 0) });
    const route = world.apply();
    world.cluster.scale('shop', 'hello-1', 1);
    await world.clock.advance(1000);
    const call = world.call(route);
    await world.clock.advance(0);
    expect(call.lease).toBeDefined();
    expect(probes).toBe(0);
  });

  it('that refused a connection is left alone until it answers again, and its request goes to another', async () => {
    const world = makeWorld();
    const route = world.apply({ scaling: { target: 1, maxReplicas: 2 } });
    const both = world.calls(route, 2);
    await world.clock.advance(3000);
    both[1]?.release();
    const refused = both[0]?.replicaId ?? '';
    const other = both[1]?.replicaId ?? '';
    const pod = world.podOf(both[0]);
    pod.answers = false;
    both[0]?.refuse();
    const retry = world.call(route, { avoid: new Set([refused]) });
    const next = world.call(route);
    await world.clock.advance(100);
    expect([retry, next].map(({ replicaId }) => replicaId)).toEqual([other, other]);
    pod.answers = true;
    await world.clock.advance(1000);
    const replicas = world.calls(route, 10);
    await world.clock.advance(0);
    expect(new Set(leased(replicas).map(({ replicaId }) => replicaId))).toEqual(new Set([refused, other]));
  });

  it('that is the last one is not given up: who was refused waits for it, who was not may try', async () => {
    const world = makeWorld();
    const route = world.apply();
    await world.warm(route);
    const first = world.call(route);
    await world.clock.advance(0);
    const pod = world.podOf(first);
    pod.answers = false;
    first.refuse();
    const second = world.call(route);
    await world.clock.advance(0);
    expect(second.replicaId).toBe('uid-1');
    second.refuse();
    const retry = world.call(route, { avoid: new Set(['uid-1']) });
    await world.clock.advance(300);
    expect(retry.lease).toBeUndefined();
    pod.answers = true;
    await world.clock.advance(300);
    expect(retry.replicaId).toBe('uid-1');
    expect(world.scales).toEqual([1]);
  });

  it('that refused a connection and is then not Ready gets nothing before it is Ready again, whatever it answers', async () => {
    const world = makeWorld();
    const route = world.apply();
    await world.warm(route);
    const refused = world.call(route);
    await world.clock.advance(0);
    const pod = world.podOf(refused);
    refused.refuse();
    tellReady(world, pod, false);
    const call = world.call(route);
    await world.clock.advance(20_000);
    expect(call.lease).toBeUndefined();
    tellReady(world, pod, true);
    await world.clock.advance(0);
    expect(call.replicaId).toBe('uid-1');
  });

  it('that was to go, did not, and is not Ready meanwhile gets nothing before it is Ready again', async () => {
    const world = makeWorld();
    const route = world.apply();
    await world.warm(route);
    const [pod] = world.cluster.podsOf('hello-1');
    if (pod === undefined) {
      throw new Error('there is no replica');
    }
    world.cluster.fault = () => new StatusError({ code: 503, reason: 'ServiceUnavailable', message: 'not now' });
    await world.untilWriting();
    tellReady(world, pod, false);
    const call = world.call(route);
    await world.clock.advance(20_000);
    expect(world.cluster.failedAt).toBeGreaterThan(0);
    expect(call.lease).toBeUndefined();
    tellReady(world, pod, true);
    await world.clock.advance(0);
    expect(call.replicaId).toBe('uid-1');
  });

  it('that is the last one and refuses is not run into by all who wait', async () => {
    const world = makeWorld();
    const route = world.apply({ concurrencyLimit: 5, scaling: { maxReplicas: 1 } });
    const running = world.calls(route, 5);
    await world.clock.advance(2000);
    const waiting = world.calls(route, 20);
    await world.clock.advance(0);
    world.podOf(running[0]).answers = false;
    for (const call of running) {
      call.refuse();
    }
    await world.clock.advance(5);
    // The first refusal freed a place under suspicion; nobody was sent there.
    expect(leased(waiting)).toHaveLength(0);
  });

  it('that did not accept in time is overloaded, not dead: it stays', async () => {
    const world = makeWorld();
    const route = world.apply();
    await world.warm(route);
    const call = world.call(route);
    await world.clock.advance(0);
    call.lease?.fail(Object.assign(new Error('connect timeout'), { code: 'UND_ERR_CONNECT_TIMEOUT' }));
    const retry = world.call(route, { avoid: new Set(['uid-1']) });
    await world.clock.advance(0);
    expect(retry.replicaId).toBe('uid-1');
  });

  it('is asked only while somebody needs it', async () => {
    let probes = 0;
    const world = makeWorld({ kubeletLagMs: 100_000 }, { probe: () => Promise.resolve(++probes < 0) });
    const route = world.apply();
    const call = world.call(route);
    await world.clock.advance(500);
    expect(probes).toBeGreaterThan(5);
    call.leave();
    await world.clock.advance(1500);
    const before = probes;
    await world.clock.advance(10_000);
    expect(probes).toBe(before);
  });

  it('that is relabelled counts for its new revision only', async () => {
    const world = makeWorld();
    const route = world.apply();
    const pod = makePod('shop', 'hello-0', 7);
    pod.status = { podIP: '10.0.0.7', conditions: [{ type: 'Ready', status: 'True' }] };
    world.capacity.podChanged(pod);
    const moved = { ...makePod('shop', 'hello-1', 7), status: pod.status };
    world.capacity.podChanged(moved);
    const call = world.call(route);
    await world.clock.advance(0);
    expect(call.replicaId).toBe('uid-7');
    world.capacity.podDeleted(moved);
    call.release();
    await world.clock.advance(120_000);
    expect(world.clock.pending).toBe(0);
  });
});
