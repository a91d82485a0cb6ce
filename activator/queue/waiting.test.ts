import { describe, expect, it } from 'vitest';

import { StatusError } from '../../lib/kube/status-error.ts';
import { aTarget } from '../testing/fake-function.ts';
import { codeOf, leased, makeWorld } from '../testing/fake-world.ts';

describe('waiting', () => {
  it('for a function without a ready revision ends when it has one', async () => {
    const world = makeWorld();
    const call = world.call(world.apply({ targets: [] }));
    await world.clock.advance(5000);
    expect(world.cluster.writes).toEqual([]);
    world.apply();
    await world.clock.advance(200);
    expect(call.lease).toBeDefined();
  });

  it('is bounded by count: the next one is refused with a time to come back', async () => {
    const world = makeWorld();
    const route = world.apply({ queue: { maxRequests: 2 } });
    const all = world.calls(route, 3);
    await world.clock.advance(0);
    expect(all.map(codeOf)).toEqual([undefined, undefined, 'QueueFull']);
    expect(all[2]?.error).toMatchObject({ retryAfterSeconds: 1 });
  });

  it('is bounded by bytes', async () => {
    const world = makeWorld();
    const route = world.apply({ queue: { maxBytes: 1000 } });
    const all = [
      world.call(route, { bytes: 600 }),
      world.call(route, { bytes: 500 }),
      world.call(route, { bytes: 400 }),
    ];
    await world.clock.advance(0);
    expect(all.map(codeOf)).toEqual([undefined, 'QueueFull', undefined]);
    expect(world.capacity.stats).toMatchObject({ waitingRequests: 2, waitingBytes: 1000 });
  });

  it('I9: is bounded over all functions', async () => {
    const world = makeWorld({}, { queue: { maxRequests: 2, maxBytes: 10_000 } });
    const other = world.apply({ key: 'shop/other', name: 'other', targets: [aTarget('other-1')] });
    const route = world.apply();
    const all = [world.call(route), world.call(other), world.call(route)];
    await world.clock.advance(0);
    expect(all.map(codeOf)).toEqual([undefined, undefined, 'Overloaded']);
  });

  it('is bounded by time, counted from arrival', async () => {
    const world = makeWorld({ startMs: 10_000 });
    const route = world.apply({ queue: { maxWaitMs: 1000 } });
    await world.clock.advance(600);
    const early = world.call(route, { arrivedAt: world.clock.monotonic() - 600 });
    const late = world.call(route);
    const tooLate = world.call(route, { arrivedAt: world.clock.monotonic() - 2000 });
    await world.clock.advance(399);
    expect([early, late, tooLate].map(codeOf)).toEqual([undefined, undefined, 'QueueTimeout']);
    await world.clock.advance(1);
    expect([early, late].map(codeOf)).toEqual(['QueueTimeout', undefined]);
    await world.clock.advance(600);
    expect(codeOf(late)).toBe('QueueTimeout');
  });

  it('ends at once when the client leaves, and its place is free', async () => {
    const world = makeWorld();
    const route = world.apply({ queue: { maxRequests: 1 } });
    const gone = world.call(route);
    const reason = new Error('client left');
    gone.client.abort(reason);
    const next = world.call(route);
    await world.clock.advance(500);
    expect(gone.error).toBe(reason);
    expect(next.lease).toBeDefined();
  });

  it('is served in the order of arrival, and newcomers do not overtake', async () => {
    const world = makeWorld();
    const route = world.apply({ concurrencyLimit: 1, scaling: { maxReplicas: 1 } });
    const all = world.calls(route, 4);
    await world.clock.advance(200);
    const order: number[] = [];
    for (let turn = 0; turn < 4; turn++) {
      const served = all.findIndex(({ lease }, index) => lease !== undefined && !order.includes(index));
      order.push(served);
      all[served]?.release();
      // Comes in the very moment in which the place is free.
      all.push(world.call(route));
      await world.clock.advance(1);
    }
    expect(order).toEqual([0, 1, 2, 3]);
  });

  it('is not longer than needed after the first replica came: a herd of a thousand is through in half a second', async () => {
    const world = makeWorld();
    const route = world.apply({ scaling: { maxReplicas: 1 } });
    const all = world.calls(route, 1000);
    await world.clock.advance(130);
    expect(leased(all)).toHaveLength(100);
    await world.clock.advance(100);
    expect(leased(all)).toHaveLength(200);
    await world.clock.advance(300);
    expect(leased(all)).toHaveLength(1000);
  });

  it('I7: ends once for one whose replica is called back on its way out, so that the function goes to zero', async () => {
    const world = makeWorld({ startMs: 8000 });
    const scaling = { target: 10, targetUtilizationPercent: 100, windowMs: 10_000, panicThresholdPercent: 1000 };
    const route = world.apply({ concurrencyLimit: 10, scaling });
    const running = world.calls(route, 10);
    await world.clock.advance(12_000);
    const [waiting, ...others] = world.calls(route, 25);
    await world.clock.advance(1500);
    expect(world.scales, 'three more are starting').toEqual([1, 4]);
    // All but one leave, so that of those three some are to go; without an API server they come up all the same.
    world.cluster.fault = () => new StatusError({ code: 503, reason: 'ServiceUnavailable', message: 'not now' });
    for (const call of others) {
      call.leave();
    }
    await world.clock.advance(10_000);
    expect(waiting?.lease).toBeDefined();
    world.cluster.fault = () => undefined;
    for (const call of [...running, waiting]) {
      call?.release();
    }
    await world.clock.advance(600_000);
    expect(world.cluster.podsOf('hello-1')).toEqual([]);
    expect(world.clock.pending).toBe(0);
  });

  it('gives a lease back that came after its client left', async () => {
    const world = makeWorld();
    const route = world.apply({ concurrencyLimit: 1, scaling: { maxReplicas: 1 } });
    await world.warm(route);
    const holder = world.call(route);
    await world.clock.advance(0);
    const call = world.call(route);
    // Granted and abandoned before anybody could look.
    holder.release();
    call.leave();
    await world.clock.advance(0);
    expect(call.lease).toBeUndefined();
    const next = world.call(route);
    await world.clock.advance(0);
    expect(next.lease).toBeDefined();
  });

  it('fails with ShuttingDown on drain, and so does whoever comes later; leases that are out go on', async () => {
    const world = makeWorld({ startMs: 10_000 });
    const route = world.apply();
    const waiting = world.call(route);
    await world.clock.advance(1);
    world.capacity.drain();
    const late = world.call(route);
    await world.clock.advance(0);
    expect([waiting, late].map(codeOf)).toEqual(['ShuttingDown', 'ShuttingDown']);
  });

  it('moves along when traffic moves to another revision', async () => {
    const world = makeWorld({ startMs: 5000 });
    const call = world.call(world.apply());
    await world.clock.advance(1000);
    world.cluster.scale('shop', 'hello-2', 1);
    await world.clock.advance(100);
    world.apply({ targets: [aTarget('hello-2')], latestCreatedRevision: 'hello-2' });
    await world.clock.advance(6000);
    expect(call.lease?.revisionName).toBe('hello-2');
    expect(world.capacity.stats.waitingRequests).toBe(0);
  });
});
