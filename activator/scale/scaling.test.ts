import { describe, expect, it } from 'vitest';

import { StatusError } from '../../lib/kube/status-error.ts';
import { codeOf, leased, makeActivator, makeWorld } from '../testing/fake-world.ts';
import { aTarget } from '../testing/fake-function.ts';

/** Longer than every window of the default settings. */
const longMs = 120_000;

describe('scaling down', () => {
  it('I7: a function at zero has no timer', async () => {
    const world = makeWorld();
    const route = world.apply();
    await world.warm(route);
    expect(world.clock.pending).toBeGreaterThan(0);
    await world.clock.advance(40_000);
    expect(world.cluster.podsOf('hello-1')).toHaveLength(0);
    expect(world.clock.pending).toBe(0);
    expect(world.capacity.stats.activeRevisions).toBe(0);
  });

  it('I1: writes nothing once it is at rest', async () => {
    const world = makeWorld();
    const route = world.apply({ scaling: { minReplicas: 1 } });
    await world.warm(route);
    await world.clock.advance(longMs);
    const before = world.cluster.writes.length;
    await world.clock.advance(10 * longMs);
    expect(world.cluster.writes).toHaveLength(before);
    expect(world.clock.pending).toBe(0);
  });

  it('goes to zero after idleTimeout without a request, counted from the end of the last', async () => {
    const world = makeWorld();
    const route = world.apply({ scaling: { idleTimeoutMs: 10_000 } });
    const call = world.call(route);
    await world.clock.advance(50_000);
    expect(world.scales).toEqual([1]);
    call.release();
    await world.clock.advance(9900);
    expect(world.scales).toEqual([1]);
    await world.clock.advance(1200);
    expect(world.scales).toEqual([1, 0]);
  });

  it.each([3_600_000, -3_600_000])(
    'a wall clock that jumps by %i ms takes nothing away and holds nothing up',
    async (jumpMs) => {
      const world = makeWorld();
      const route = world.apply({ scaling: { idleTimeoutMs: 10_000 } });
      await world.warm(route);
      await world.clock.advance(5000);
      world.clock.jump(jumpMs);
      await world.clock.advance(4000);
      expect(world.scales).toEqual([1]);
      await world.clock.advance(3000);
      expect(world.scales).toEqual([1, 0]);
    },
  );

  it('I10: the pod that goes has no request, although the others are busy', async () => {
    const world = makeWorld();
    const route = world.apply({ concurrencyLimit: 1, scaling: { target: 1, targetUtilizationPercent: 100 } });
    const all = world.calls(route, 4);
    await world.clock.advance(3000);
    expect(leased(all)).toHaveLength(4);
    const busyVictims: (string | undefined)[] = [];
    const spared = all[2]?.replicaId;
    world.cluster.onVictim = ({ pod }) => {
      if (pod.metadata.uid !== spared) {
        busyVictims.push(pod.metadata.uid);
      }
    };
    all[2]?.release();
    await world.clock.advance(longMs);
    expect(world.scales).toEqual([1, 4, 3]);
    expect(world.cluster.writes.filter(({ kind }) => kind === 'cost').map(({ name }) => name)).toEqual([
      `pod-${String(spared?.slice(4))}`,
    ]);
    expect(busyVictims).toEqual([]);
  });

  it('I10: a victim that does not become idle in the drain time goes back to work, and an idle one goes', async () => {
    const world = makeWorld();
    const route = world.apply({ drainMs: 5000, scaling: { target: 2, targetUtilizationPercent: 100 } });
    const all = world.calls(route, 8);
    await world.clock.advance(3000);
    const byReplica = Map.groupBy(all, (call) => call.replicaId);
    expect([...byReplica.values()].map((calls) => calls.length)).toEqual([2, 2, 2, 2]);
    // One of two ends everywhere: work for two replicas, but none of the four is idle.
    const pairs = [...byReplica.values()];
    for (const [first] of pairs) {
      first?.release();
    }
    await world.clock.advance(longMs);
    expect(world.scales.at(-1)).toBe(4);
    pairs[0]?.[1]?.release();
    pairs[1]?.[1]?.release();
    await world.clock.advance(longMs);
    expect(world.scales.at(-1)).toBe(2);
    expect(world.cluster.podsOf('hello-1')).toEqual([pairs[2]?.[1], pairs[3]?.[1]].map((call) => world.podOf(call)));
  });

  it('I10: a replica that serves before the kubelet knows is not removed in the place of an idle one', async () => {
    const world = makeWorld({ kubeletLagMs: 60_000 });
    const route = world.apply({
      concurrencyLimit: 1,
      scaling: { target: 1, targetUtilizationPercent: 100, windowMs: 6000 },
    });
    const all = world.calls(route, 3);
    await world.clock.advance(1000);
    expect(leased(all)).toHaveLength(3);
    const victims: unknown[] = [];
    world.cluster.onVictim = (pod) => victims.push(pod);
    all[0]?.release();
    await world.clock.advance(30_000);
    expect(victims).toEqual([]);
    await world.clock.advance(60_000);
    expect(world.cluster.podsOf('hello-1')).toHaveLength(2);
  });

  it('is called off when a request comes before the write, and the request is served at once', async () => {
    const limits = { maxScaleWrites: 1 };
    const world = makeWorld({ writeMs: 2000 }, limits);
    const other = world.apply({ key: 'shop/other', name: 'other', targets: [aTarget('other-1')] });
    const route = world.apply({ scaling: { idleTimeoutMs: 5000 } });
    await world.warm(route);
    await world.clock.advance(3000);
    // Its write to zero is due at about 7 s, and the limiter's only place is taken just before by a wake.
    world.call(other);
    await world.clock.advance(3000);
    const call = world.call(route);
    await world.clock.advance(0);
    expect(call.replicaId).toBe('uid-1');
    await world.clock.advance(longMs);
    expect(world.cluster.podsOf('hello-1')).toHaveLength(1);
  });

  it('is called off for one victim of several that a request needs before the write', async () => {
    const world = makeWorld({ writeMs: 2000 }, { maxScaleWrites: 1 });
    const other = world.apply({ key: 'shop/other', name: 'other', targets: [aTarget('other-1')] });
    const route = world.apply({
      concurrencyLimit: 1,
      scaling: { target: 1, targetUtilizationPercent: 100, windowMs: 6000, maxReplicas: 2 },
    });
    const both = world.calls(route, 2);
    await world.clock.advance(10_000);
    const victims: unknown[] = [];
    world.cluster.onVictim = (pod) => victims.push(pod);
    both[0]?.release();
    // The victim is being marked; its scale write then has to wait for the other function's wake.
    await world.untilWriting();
    await world.clock.advance(1900);
    world.call(other);
    // Just before the write, with no tick in between that would decide otherwise.
    await world.clock.advance(1950);
    const call = world.call(route);
    await world.clock.advance(20_000);
    expect(world.podOf(call)).toBe(world.podOf(both[0]));
    expect(victims).toEqual([]);
  });

  it('to zero that the cluster never acted on, because a wake followed, gives the replica back at once', async () => {
    const world = makeWorld({ writeMs: 50 });
    const route = world.apply({ scaling: { idleTimeoutMs: 5000 } });
    await world.warm(route);
    world.cluster.onScale = () => 1;
    await world.untilWriting();
    const call = world.call(route);
    await world.clock.advance(500);
    expect(world.scales).toEqual([1, 0, 1]);
    expect(call.replicaId).toBe('uid-1');
  });

  it('to zero is followed by a wake when a request comes while the write is under way', async () => {
    const world = makeWorld({ writeMs: 50 });
    const route = world.apply({ scaling: { idleTimeoutMs: 5000 } });
    await world.warm(route);
    await world.untilWriting();
    const call = world.call(route);
    await world.clock.advance(1000);
    expect(world.scales).toEqual([1, 0, 1]);
    expect(call.replicaId).toBe('uid-2');
  });

  it('gives replicas back to who waits when the write failed', async () => {
    const world = makeWorld({ writeMs: 50 });
    const route = world.apply({ scaling: { idleTimeoutMs: 5000 } });
    await world.warm(route);
    world.cluster.fault = () => new StatusError({ code: 500, reason: 'InternalError', message: 'who knows' });
    await world.untilWriting();
    const call = world.call(route);
    await world.clock.advance(1000);
    expect(call.replicaId).toBe('uid-1');
  });

  it('I8: does not keep a warm replica from a request while the API server does not answer', async () => {
    const world = makeWorld();
    const route = world.apply({ scaling: { idleTimeoutMs: 5000 } });
    await world.warm(route);
    world.cluster.hang();
    await world.untilWriting();
    const call = world.call(route);
    await world.clock.advance(1500);
    expect(call.replicaId).toBe('uid-1');
  });

  it('is tried again when the pods are still there long after the write', async () => {
    const world = makeWorld();
    const route = world.apply({ scaling: { target: 1, targetUtilizationPercent: 100, windowMs: 6000 } });
    const both = world.calls(route, 2);
    await world.clock.advance(2000);
    both[0]?.release();
    const idle = world.podOf(both[0]);
    // Somebody else scales up again in the moment of the write.
    world.cluster.onScale = () => 2;
    while (world.scales.at(-1) !== 1) {
      await world.clock.advance(100);
    }
    world.cluster.onScale = (replicas) => replicas;
    expect(world.cluster.podsOf('hello-1')).toContain(idle);
    await world.clock.advance(20_000);
    expect(world.scales.slice(-2)).toEqual([1, 1]);
    expect(world.cluster.podsOf('hello-1')).toEqual([world.podOf(both[1])]);
  });

  it('does not touch replicas found at start before a whole window was seen', async () => {
    const { clock, cluster } = makeWorld();
    cluster.scale('shop', 'hello-1', 4);
    await clock.advance(2000);
    const world = makeActivator(clock, cluster);
    cluster.connect(world.capacity);
    for (const { pod } of cluster.podsOf('hello-1')) {
      world.capacity.podChanged(pod);
    }
    world.apply();
    world.capacity.podsSynced();
    await clock.advance(59_000);
    expect(world.scales).toEqual([]);
    await clock.advance(5000);
    expect(world.scales).toEqual([0]);
  });
});

describe('scaling up', () => {
  it('follows the load: 70 % of the target each, decided within a second of what the panic window shows', async () => {
    const world = makeWorld();
    const route = world.apply({ scaling: { target: 10 } });
    await world.warm(route);
    const all = world.calls(route, 35);
    await world.clock.advance(7000);
    // 35 / (10 × 70 %).
    expect(world.scales.at(-1)).toBe(5);
    expect(leased(all)).toHaveLength(35);
  });

  it('never goes beyond maxReplicas', async () => {
    const world = makeWorld();
    world.calls(world.apply({ scaling: { target: 1, maxReplicas: 3 } }), 200);
    await world.clock.advance(20_000);
    expect(Math.max(...world.scales.map(Number))).toBe(3);
  });

  it('by requests a second counts arrivals, not how long they take', async () => {
    const world = makeWorld();
    const route = world.apply({ scaling: { metric: 'RequestRate', target: 10 } });
    await world.warm(route);
    for (let second = 0; second < 20; second++) {
      const batch = world.calls(route, 21);
      await world.clock.advance(0);
      for (const call of batch) {
        call.release();
      }
      await world.clock.advance(1000);
    }
    // 21 a second / (10 × 70 %) over the panic window.
    expect(world.scales.at(-1)).toBe(3);
  });

  it('keeps minReplicas without any request, and restores them when somebody else took them', async () => {
    const world = makeWorld();
    world.apply({ scaling: { minReplicas: 2 } });
    await world.clock.advance(10_000);
    expect(world.scales).toEqual([2]);
    world.cluster.scale('shop', 'hello-1', 0);
    await world.clock.advance(1000);
    expect(world.scales).toEqual([2, 2]);
    expect(world.cluster.podsOf('hello-1')).toHaveLength(2);
    await world.clock.advance(longMs);
    expect(world.clock.pending).toBe(0);
  });

  it('obeys new bounds at once', async () => {
    const world = makeWorld();
    world.apply({ scaling: { minReplicas: 3 } });
    await world.clock.advance(10_000);
    world.apply({ scaling: { minReplicas: 1, maxReplicas: 1 } });
    await world.clock.advance(10_000);
    expect(world.cluster.podsOf('hello-1')).toHaveLength(1);
  });
});

describe('a revision', () => {
  it('that traffic left and that is not the newest goes to zero, without cutting a request', async () => {
    const world = makeWorld();
    const route = world.apply();
    const held = world.call(route);
    await world.clock.advance(2000);
    world.cluster.scale('shop', 'hello-2', 1);
    await world.clock.advance(2000);
    world.apply({ targets: [aTarget('hello-2')], latestCreatedRevision: 'hello-2' });
    await world.clock.advance(longMs);
    expect(world.cluster.podsOf('hello-1')).toHaveLength(1);
    held.release();
    await world.clock.advance(2000);
    expect(world.cluster.podsOf('hello-1')).toHaveLength(0);
  });

  it('that takes traffic over starts with as many replicas as the one before had', async () => {
    const world = makeWorld();
    const route = world.apply({ scaling: { target: 10 } });
    const calls = world.calls(route, 35);
    await world.clock.advance(7000);
    const before = world.cluster.podsOf('hello-1').length;
    world.cluster.scale('shop', 'hello-2', 1);
    await world.clock.advance(2000);
    world.apply({ targets: [aTarget('hello-2')], latestCreatedRevision: 'hello-2', scaling: { target: 10 } });
    await world.clock.advance(100);
    expect(world.cluster.podsOf('hello-2')).toHaveLength(before);
    for (const call of calls) {
      call.release();
    }
    await world.clock.advance(longMs);
    expect(world.cluster.pods).toEqual([]);
  });

  it('that is the newest and has to prove itself is left alone', async () => {
    const world = makeWorld();
    world.apply({ latestCreatedRevision: 'hello-2' });
    world.cluster.scale('shop', 'hello-2', 2);
    await world.clock.advance(longMs);
    expect(world.cluster.podsOf('hello-2')).toHaveLength(2);
    expect(world.clock.pending).toBe(0);
  });

  it('whose pods come before the word that it is the newest is left alone, too', async () => {
    const world = makeWorld();
    world.apply();
    world.cluster.scale('shop', 'hello-2', 1);
    await world.clock.advance(5000);
    world.apply({ latestCreatedRevision: 'hello-2' });
    await world.clock.advance(longMs);
    expect(world.cluster.podsOf('hello-2')).toHaveLength(1);
  });

  it('of a deleted function is forgotten: waiting requests end, pods and timers leave nothing', async () => {
    const world = makeWorld();
    const route = world.apply({ concurrencyLimit: 1, scaling: { maxReplicas: 1 } });
    const [first, second] = world.calls(route, 2);
    await world.clock.advance(2000);
    world.capacity.onRouteRemoved(route.key);
    await world.clock.advance(0);
    expect(second === undefined ? undefined : codeOf(second)).toBe('FunctionNotFound');
    first?.release();
    world.cluster.scale('shop', 'hello-1', 0);
    await world.clock.advance(longMs);
    expect(world.scales).toEqual([1]);
    expect(world.clock.pending).toBe(0);
    expect(world.capacity.stats).toEqual({ waitingRequests: 0, waitingBytes: 0, activeRevisions: 0, functions: 0 });
  });
});
