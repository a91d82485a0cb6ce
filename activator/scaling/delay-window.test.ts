import fc from 'fast-check';
import { expect, it } from 'vitest';

import { DelayWindow } from './delay-window.ts';

it('agrees with Knative on a delay of five minutes: each value holds for that long', () => {
  const window = new DelayWindow();
  const minute = 60_000;
  const steps = [
    { at: 9, value: 4, want: 4 },
    { at: 10, value: 3, want: 4 },
    { at: 11, value: 0, want: 4 },
    { at: 14.1, value: 0, want: 3 },
    { at: 15.1, value: 0, want: 0 },
  ];
  for (const { at, value, want } of steps) {
    expect(window.max(at * minute, value, 5 * minute)).toBe(want);
  }
});

it('is the maximum of the values of the window', () => {
  const steps = fc.array(fc.tuple(fc.nat({ max: 2000 }), fc.nat({ max: 10 })), { maxLength: 50 });
  fc.assert(
    fc.property(steps, fc.integer({ min: 1, max: 5000 }), (all, windowMs) => {
      const window = new DelayWindow();
      const seen: { at: number; value: number }[] = [];
      let now = 0;
      for (const [afterMs, value] of all) {
        now += afterMs;
        seen.push({ at: now, value });
        const recent = seen.filter(({ at }) => at >= now - windowMs);
        expect(window.max(now, value, windowMs)).toBe(Math.max(...recent.map((entry) => entry.value)));
      }
    }),
  );
});
