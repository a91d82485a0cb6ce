import fc from 'fast-check';
import { expect, it } from 'vitest';

import { makePhases } from './phases.ts';

const cases = [
  {
    name: 'the request that woke the function',
    moments: { arrivedAt: 100, wokenAt: 100, addressAt: 125, usableAt: 220, leasedAt: 220 },
    want: { queue: 0, schedule: 25, start: 95 },
  },
  {
    name: 'one that came while the replica was starting',
    moments: { arrivedAt: 200, wokenAt: 100, addressAt: 125, usableAt: 220, leasedAt: 220 },
    want: { queue: 0, schedule: 0, start: 20 },
  },
  {
    name: 'one whose turn came later',
    moments: { arrivedAt: 100, wokenAt: 110, addressAt: 125, usableAt: 220, leasedAt: 420 },
    want: { queue: 210, schedule: 15, start: 95 },
  },
  {
    name: 'one that found a replica which nobody here had asked for',
    moments: { arrivedAt: 100, wokenAt: undefined, addressAt: 125, usableAt: 220, leasedAt: 220 },
    want: { queue: 0, schedule: 25, start: 95 },
  },
];
for (const { name, moments, want } of cases) {
  it(`divides the wait of ${name}`, () => {
    expect(makePhases(moments)).toEqual(want);
  });
}

it('adds up to the wait, and no phase is negative, in whatever order things happened', () => {
  const at = fc.nat({ max: 1000 });
  fc.assert(
    fc.property(
      at,
      fc.option(at, { nil: undefined }),
      at,
      at,
      at,
      (arrivedAt, wokenAt, addressAt, usableAt, waited) => {
        const leasedAt = arrivedAt + waited;
        const { queue, schedule, start } = makePhases({ arrivedAt, wokenAt, addressAt, usableAt, leasedAt });
        expect(queue + schedule + start).toBe(waited);
        expect(Math.min(queue, schedule, start)).toBeGreaterThanOrEqual(0);
      },
    ),
  );
});
