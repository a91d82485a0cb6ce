import { describe, expect, it } from 'vitest';

import { StatusError } from '../../lib/kube/status-error.ts';
import { aTarget } from '../testing/fake-function.ts';
import { leased, makeWorld } from '../testing/fake-world.ts';

describe('an activator that is about to stop', () => {
  it('I10: takes no replica away, however idle it looks from there', async () => {
    const world = makeWorld();
    const route = world.apply();
    await world.warm(route);
    world.capacity.stopLowering();
    await world.clock.advance(600_000);
    expect(world.scales).toEqual([1]);
  });

  it('I10: calls off what it had begun', async () => {
    const world = makeWorld();
    const route = world.apply({ concurrencyLimit: 1, scaling: { target: 1, windowMs: 6000 } });
    const all = world.calls(route, 3);
    await world.clock.advance(20_000);
    const before = world.scales;
    world.cluster.fault = () => new StatusError({ code: 503, reason: 'ServiceUnavailable', message: 'not now' });
    all[0]?.release();
    await world.untilWriting();
    world.capacity.stopLowering();
    await world.clock.advance(100);
    world.cluster.fault = () => undefined;
    await world.clock.advance(600_000);
    expect(world.scales).toEqual(before);
  });

  it('I10: does not send what had to wait for other writes', async () => {
    const world = makeWorld({ writeMs: 3000 }, { maxScaleWrites: 1 });
    const other = world.apply({ key: 'shop/other', name: 'other', targets: [aTarget('other-1')] });
    const call = world.call(world.apply());
    await world.clock.advance(5000);
    call.release();
    await world.clock.advance(29_500);
    world.call(other);
    await world.clock.advance(2000);
    world.capacity.stopLowering();
    await world.clock.advance(600_000);
    expect(world.scales).toEqual([1, 1]);
  });

  it('leaves to its successor what is left of a Revision without traffic', async () => {
    const world = makeWorld();
    await world.warm(world.apply());
    world.capacity.stopLowering();
    world.apply({ targets: [aTarget('hello-2')], latestCreatedRevision: 'hello-2' });
    await world.clock.advance(600_000);
    expect(world.cluster.podsOf('hello-1')).toHaveLength(1);
  });

  it('wakes for who is still there, and for more of them more', async () => {
    const world = makeWorld();
    const route = world.apply({ concurrencyLimit: 1 });
    world.capacity.stopLowering();
    const first = world.call(route);
    await world.clock.advance(3000);
    const more = world.calls(route, 3);
    await world.clock.advance(3000);
    expect(leased([first, ...more])).toHaveLength(4);
  });
});
