import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { LoadWindow } from './load-window.ts';

describe('LoadWindow', () => {
  it('averages concurrency over what it has seen while the window is not full', () => {
    const load = new LoadWindow(10_300, 60_000);
    load.change(10_300, 4);
    expect(load.concurrency(10_300, 60_000)).toBe(4);
    expect(load.concurrency(12_300, 60_000)).toBe(4);
    load.change(12_300, -4);
    // 4 for two of four seconds.
    expect(load.concurrency(14_300, 60_000)).toBe(2);
  });

  it('forgets what is older than the window, the running second coming on top', () => {
    const load = new LoadWindow(0, 60_000);
    load.change(0, 7);
    load.change(10_000, -7);
    expect(load.concurrency(15_000, 6000)).toBeCloseTo(7 / 6);
    expect(load.concurrency(16_000, 6000)).toBe(0);
    expect(load.concurrency(16_000, 60_000)).toBeCloseTo(70 / 16);
    expect(load.concurrency(69_999, 60_000)).toBeCloseTo(7 / 60.999, 3);
    expect(load.concurrency(70_000, 60_000)).toBe(0);
  });

  it('counts a level that lasted longer than the whole ring', () => {
    const load = new LoadWindow(0, 6000);
    load.change(500, 3);
    expect(load.concurrency(3_600_000, 6000)).toBe(3);
    load.change(3_600_000, -3);
    expect(load.concurrency(3_603_000, 6000)).toBeCloseTo(1.5);
    expect(load.concurrency(7_200_000, 6000)).toBe(0);
  });

  it('counts arrivals a second, the first second as a whole one', () => {
    const load = new LoadWindow(0, 60_000);
    load.arrive(1);
    expect(load.requestRate(2, 60_000)).toBe(1);
    for (let at = 0; at < 4000; at += 100) {
      load.arrive(at + 2);
    }
    expect(load.requestRate(4100, 60_000)).toBeCloseTo(10);
    expect(load.requestRate(64_500, 60_000)).toBe(0);
  });

  it('keeps history and level when a longer window is asked for', () => {
    const short = new LoadWindow(0, 6000);
    short.change(0, 2);
    short.arrive(4000);
    const long = short.resized(5000, 60_000);
    expect(long.level).toBe(2);
    expect(long.concurrency(5000, 60_000)).toBe(2);
    expect(long.requestRate(5000, 60_000)).toBeCloseTo(0.2);
    long.change(5000, -2);
    expect(long.concurrency(20_000, 60_000)).toBe(0.5);
  });

  it('is exact: the average is the area under the level, however often it is looked at', () => {
    const changes = fc.array(fc.tuple(fc.integer({ min: 1, max: 2500 }), fc.integer({ min: 0, max: 5 })), {
      maxLength: 20,
    });
    fc.assert(
      fc.property(changes, fc.nat({ max: 5000 }), (steps, start) => {
        const load = new LoadWindow(start, 60_000);
        let now = start;
        let area = 0;
        for (const [afterMs, level] of steps) {
          area += (afterMs / 1000) * load.level;
          now += afterMs;
          load.change(now, level - load.level);
          const seen = load.concurrency(now, 60_000);
          expect(seen).toBeCloseTo((area * 1000) / (now - start), 4);
        }
      }),
    );
  });
});
