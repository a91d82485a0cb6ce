import { describe, expect, it } from 'vitest';

import type { ScalingSettings } from '../routing/route.ts';
import { defaultScaling } from '../testing/fake-function.ts';
import { RevisionAutoscaler } from './revision-autoscaler.ts';

function anAutoscaler(fields: Partial<ScalingSettings> = {}): {
  readonly autoscaler: RevisionAutoscaler;
  readonly decide: (now: number, replicas: number, changed?: Partial<ScalingSettings>) => number;
} {
  const scaling = { ...defaultScaling, target: 10, targetUtilizationPercent: 100, ...fields };
  const autoscaler = new RevisionAutoscaler(0, scaling);
  const decide = (now: number, replicas: number, changed: Partial<ScalingSettings> = {}): number =>
    autoscaler.decide(now, { scaling: { ...scaling, ...changed }, concurrencyLimit: 0, replicas });
  return { autoscaler, decide };
}

function start(autoscaler: RevisionAutoscaler, now: number, count: number): void {
  for (let index = 0; index < count; index++) {
    autoscaler.started(now);
  }
}

describe('RevisionAutoscaler', () => {
  it('counts requests from arrival to end, waiting or running', () => {
    const { autoscaler, decide } = anAutoscaler();
    start(autoscaler, 0, 25);
    expect(autoscaler.level).toBe(25);
    expect(decide(1000, 1)).toBe(3);
  });

  it('is idle from the end of the last request on', () => {
    const { autoscaler, decide } = anAutoscaler({ idleTimeoutMs: 5000 });
    start(autoscaler, 0, 1);
    expect(autoscaler.idleMs(90_000)).toBe(0);
    autoscaler.ended(90_000);
    expect(autoscaler.idleMs(94_999)).toBe(4999);
    expect([decide(94_999, 1), decide(95_000, 1)]).toEqual([1, 0]);
  });

  it('holds a number that scaleDownDelay protects, zero included', () => {
    const { autoscaler, decide } = anAutoscaler({ scaleDownDelayMs: 60_000, idleTimeoutMs: 1000, windowMs: 6000 });
    start(autoscaler, 0, 15);
    expect(decide(1000, 1)).toBe(2);
    for (let count = 0; count < 15; count++) {
      autoscaler.ended(1000);
    }
    expect(decide(60_000, 2)).toBe(2);
    expect(decide(62_000, 2)).toBe(0);
  });

  it('keeps activationReplicas for one stable window after a wake, but not for an idle function', () => {
    const { autoscaler, decide } = anAutoscaler({ activationReplicas: 4, windowMs: 10_000, idleTimeoutMs: 3000 });
    autoscaler.woken(0);
    start(autoscaler, 0, 1);
    expect([decide(9000, 4), decide(10_000, 4)]).toEqual([4, 2]);
    autoscaler.ended(10_000);
    expect(decide(13_000, 2)).toBe(0);
  });

  it('leaves replicas alone whose load was not seen for a whole window', () => {
    const { autoscaler, decide } = anAutoscaler({ windowMs: 60_000, idleTimeoutMs: 0 });
    autoscaler.startBlind(0);
    expect([decide(59_999, 8), decide(60_000, 8)]).toEqual([8, 0]);
  });

  it('obeys settings that changed meanwhile, a longer window too', () => {
    const { autoscaler, decide } = anAutoscaler({ windowMs: 6000 });
    start(autoscaler, 0, 30);
    expect(decide(1000, 1)).toBe(3);
    expect(decide(2000, 3, { maxReplicas: 2 })).toBe(2);
    expect(decide(3000, 3, { minReplicas: 7 })).toBe(7);
    expect(decide(4000, 3, { windowMs: 3_600_000 })).toBe(3);
    expect(decide(5000, 3, { target: 5 })).toBe(6);
  });

  it('scales by requests a second when told so', () => {
    const { autoscaler, decide } = anAutoscaler({ metric: 'RequestRate' });
    for (let at = 0; at < 10_000; at += 20) {
      autoscaler.arrived(at);
    }
    expect(decide(10_000, 5)).toBe(5);
  });
});
