import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../../lib/testing/fake-clock.ts';
import { aPod } from '../testing/builders.ts';
import { PendingWrites } from './pending-writes.ts';

describe('pod writes that the cache does not show yet', () => {
  it('hold back until the pod that was created is seen', () => {
    const writes = new PendingWrites(new FakeClock());
    writes.note('default/set', 'default/a', 'creation');
    writes.note('default/set', 'default/b', 'creation');
    writes.observe('default/set', aPod('a'), false);
    expect(writes.waitMs('default/set')).toBeGreaterThan(0);
    writes.observe('default/set', aPod('b'), false);
    expect(writes.waitMs('default/set')).toBe(0);
  });

  it('of a deletion are not settled by another change of the pod', () => {
    const writes = new PendingWrites(new FakeClock());
    writes.note('default/set', 'default/a', 'deletion');
    writes.observe('default/set', aPod('a'), false);
    expect(writes.waitMs('default/set')).toBeGreaterThan(0);
    const going = aPod('a');
    going.metadata.deletionTimestamp = '2026-01-01T00:00:00Z';
    writes.observe('default/set', going, false);
    expect(writes.waitMs('default/set')).toBe(0);
  });

  it('count no more when they failed', () => {
    const writes = new PendingWrites(new FakeClock());
    writes.note('default/set', 'default/a', 'creation');
    writes.drop('default/set', 'default/a');
    expect(writes.waitMs('default/set')).toBe(0);
  });

  it('are forgotten when their event never comes', async () => {
    const clock = new FakeClock();
    const writes = new PendingWrites(clock);
    writes.note('default/set', 'default/a', 'creation');
    await clock.advance(29_999);
    expect(writes.waitMs('default/set')).toBe(1);
    await clock.advance(1);
    expect(writes.waitMs('default/set')).toBe(0);
  });

  it('of one ReplicaSet hold back no other', () => {
    const writes = new PendingWrites(new FakeClock());
    writes.note('default/set', 'default/a', 'creation');
    expect(writes.waitMs('default/other')).toBe(0);
  });
});
