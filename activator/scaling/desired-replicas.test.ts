import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { ScalingSettings } from '../routing/route.ts';
import { defaultScaling } from '../testing/fake-function.ts';
import { clampReplicas, decideReplicas, type Panic, type ScalingInput, targetPerReplica } from './desired-replicas.ts';

/** What each replica should carry is `target`, to the digit. */
function anInput(target: number, fields: Partial<ScalingInput> = {}): ScalingInput {
  return {
    nowMs: 1_000_000,
    scaling: { ...defaultScaling, target, targetUtilizationPercent: 100 },
    concurrencyLimit: 0,
    stable: 0,
    panic: 0,
    level: 1,
    replicas: 1,
    idleMs: 0,
    ...fields,
  };
}

describe('decideReplicas', () => {
  // Numbers of knative/serving pkg/autoscaler/scaling/autoscaler_test.go at 01f103ef3c, where its rates of change do not bind.
  const published = [
    { name: 'stable load grows', target: 10, stable: 50, panic: 10, replicas: 1, want: 5 },
    { name: 'stable load doubles', target: 10, stable: 100, panic: 10, replicas: 1, want: 10 },
    { name: 'rate of 100 a second', target: 10, stable: 100, panic: 99, replicas: 1, want: 10 },
    { name: 'load of 1', target: 10, stable: 1, panic: 0, replicas: 1, want: 1 },
    { name: 'far below the target', target: 181, stable: 21, panic: 26, replicas: 1, want: 1 },
    { name: 'already scaled', target: 10, stable: 50, panic: 50, replicas: 5, want: 5 },
    { name: 'the panic window takes precedence', target: 10, stable: 50, panic: 100, replicas: 1, want: 10 },
    { name: 'up from 8', target: 10, stable: 100, panic: 100, replicas: 8, want: 10 },
    { name: 'down from 8', target: 10, stable: 50, panic: 50, replicas: 8, want: 5 },
    { name: 'sixfold surge', target: 1, stable: 36, panic: 36, replicas: 6, want: 36 },
    { name: 'sixfold surge again', target: 1, stable: 216, panic: 216, replicas: 36, want: 216 },
  ];
  for (const { name, target, stable, panic, replicas, want } of published) {
    it(`agrees with Knative: ${name}`, () => {
      expect(decideReplicas(anInput(target, { stable, panic, replicas }), undefined).replicas).toBe(want);
    });
  }

  it('agrees with Knative on when a panic starts, goes on and ends', () => {
    const start = 1_000_000;
    const steps = [
      { afterMs: 0, stable: 11, panic: 25, replicas: 10, want: 25, wantSince: start },
      { afterMs: 30_000, stable: 30, panic: 41, replicas: 40, want: 41, wantSince: start },
      { afterMs: 62_000, stable: 50, panic: 56, replicas: 55, want: 50, wantSince: undefined },
    ];
    let panic: Panic | undefined;
    for (const { afterMs, want, wantSince, ...load } of steps) {
      const decision = decideReplicas(anInput(1, { ...load, nowMs: start + afterMs }), panic);
      expect([decision.replicas, decision.panic?.sinceMs]).toEqual([want, wantSince]);
      panic = decision.panic;
    }
  });

  it('extends a panic while the surge goes on, and never falls in it', () => {
    const first = decideReplicas(anInput(1, { stable: 11, panic: 25, replicas: 10 }), undefined);
    const later = anInput(1, { stable: 30, panic: 80, replicas: 40, nowMs: 1_030_000 });
    const second = decideReplicas(later, first.panic);
    expect(second).toEqual({ replicas: 80, panic: { sinceMs: 1_030_000, peak: 80 } });
    const calm = decideReplicas({ ...later, stable: 1, panic: 1, replicas: 80, nowMs: 1_060_000 }, second.panic);
    expect(calm.replicas).toBe(80);
  });

  it('does not panic when the replicas that are starting are enough', () => {
    const slow = anInput(10, { stable: 20, panic: 100, replicas: 10 });
    expect(decideReplicas(slow, undefined)).toEqual({ replicas: 5, panic: undefined });
    expect(decideReplicas({ ...slow, replicas: 1 }, undefined).panic).toBeDefined();
  });

  it('at most halves at once', () => {
    expect(decideReplicas(anInput(10, { stable: 1, panic: 1, replicas: 100 }), undefined).replicas).toBe(50);
  });

  const idle = [
    { name: 'just before idleTimeout', fields: { idleMs: 29_999, level: 0 }, want: 1 },
    { name: 'at idleTimeout', fields: { idleMs: 30_000, level: 0 }, want: 0 },
    {
      name: 'at idleTimeout, while the windows still remember load',
      fields: { idleMs: 30_000, level: 0, stable: 50 },
      want: 0,
    },
    { name: 'with a request that runs for an hour', fields: { idleMs: 0, level: 1 }, want: 1 },
  ];
  for (const { name, fields, want } of idle) {
    it(`goes to zero by idleness alone: ${name}`, () => {
      expect(decideReplicas(anInput(100, fields), undefined).replicas).toBe(want);
    });
  }

  it('goes to zero out of a panic', () => {
    const before = { sinceMs: 999_000, peak: 80 };
    expect(decideReplicas(anInput(100, { level: 0, idleMs: 30_000, replicas: 80 }), before).replicas).toBe(0);
  });

  const targets = [
    { name: '70 % of the target', scaling: {}, limit: 0, want: 70 },
    { name: '70 % of a lower hard limit', scaling: {}, limit: 10, want: 7 },
    { name: 'a higher hard limit does not matter', scaling: {}, limit: 1000, want: 70 },
    {
      name: 'a rate is not bounded by a limit of concurrency',
      scaling: { metric: 'RequestRate' },
      limit: 10,
      want: 70,
    },
    { name: 'never nothing', scaling: { target: 1, targetUtilizationPercent: 0 }, limit: 0, want: 0.01 },
  ] as const;
  for (const { name, scaling, limit, want } of targets) {
    it(`a replica should carry: ${name}`, () => {
      expect(targetPerReplica({ ...defaultScaling, ...scaling }, limit)).toBeCloseTo(want);
    });
  }
});

describe('whatever the load', () => {
  const load = fc.double({ min: 0, max: 100_000, noNaN: true });
  const input = fc.record({
    stable: load,
    panic: load,
    level: fc.nat({ max: 100_000 }),
    replicas: fc.nat({ max: 1000 }),
    idleMs: fc.nat({ max: 100_000 }),
    concurrencyLimit: fc.nat({ max: 1000 }),
    target: fc.integer({ min: 1, max: 100_000 }),
  });
  const panicState = fc.option(
    fc.record({ sinceMs: fc.integer({ min: 900_000, max: 1_000_000 }), peak: fc.nat({ max: 1000 }) }),
    { nil: undefined },
  );

  it('bounds have the last word', () => {
    const bounds: fc.Arbitrary<ScalingSettings> = fc
      .tuple(fc.nat({ max: 1000 }), fc.integer({ min: 1, max: 1000 }))
      .map(([a, b]) => ({ ...defaultScaling, minReplicas: Math.min(a, b), maxReplicas: Math.max(a, b) }));
    fc.assert(
      fc.property(fc.nat({ max: 1e6 }), bounds, (replicas, scaling) => {
        const clamped = clampReplicas(replicas, scaling);
        expect(clamped).toBeGreaterThanOrEqual(scaling.minReplicas);
        expect(clamped).toBeLessThanOrEqual(scaling.maxReplicas);
      }),
    );
  });

  it('more load never means fewer replicas', () => {
    fc.assert(
      fc.property(input, panicState, load, load, ({ target, ...fields }, before, more, moreNow) => {
        const less = decideReplicas(anInput(target, fields), before).replicas;
        const grown = { ...fields, stable: fields.stable + more, panic: fields.panic + moreNow };
        expect(decideReplicas(anInput(target, grown), before).replicas).toBeGreaterThanOrEqual(less);
      }),
    );
  });

  it('what runs and waits always finds room under a hard limit', () => {
    fc.assert(
      fc.property(input, panicState, ({ target, ...fields }, before) => {
        const { replicas } = decideReplicas(anInput(target, fields), before);
        if (fields.concurrencyLimit > 0 && fields.level > 0) {
          expect(replicas * fields.concurrencyLimit).toBeGreaterThanOrEqual(fields.level);
        }
        expect(Number.isInteger(replicas)).toBe(true);
        expect(replicas > 0 || fields.level === 0).toBe(true);
      }),
    );
  });
});
