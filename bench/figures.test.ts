import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeFigure, quantile, renderTable } from './figures.ts';

describe('quantile', () => {
  const cases = [
    { samples: [3, 1, 2], q: 0.5, want: 2 },
    { samples: [4, 1, 2, 3], q: 0.5, want: 2 },
    { samples: Array.from({ length: 100 }, (_, index) => index + 1), q: 0.95, want: 95 },
    { samples: [7], q: 0.95, want: 7 },
    { samples: [2, 1], q: 0, want: 1 },
  ];
  for (const { samples, q, want } of cases) {
    it(`of ${samples.length} samples at ${q} is ${want}`, () => {
      expect(quantile(samples, q)).toBe(want);
    });
  }

  it('is always one of the samples, and at least its share does not exceed it', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ noNaN: true }), { minLength: 1 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (samples, q) => {
          const value = quantile(samples, q);
          expect(samples).toContain(value);
          expect(samples.filter((sample) => sample <= value).length).toBeGreaterThanOrEqual(q * samples.length - 1e-9);
        },
      ),
    );
  });

  it('of nothing is refused', () => {
    expect(() => quantile([], 0.5)).toThrow(RangeError);
  });
});

describe('a figure', () => {
  it('meets its goal up to and including the goal', () => {
    const input = { name: 'x_ms', unit: 'ms', goal: { atMost: 2 } };
    expect(makeFigure({ ...input, samples: [1, 2, 3] })).toMatchObject({ value: 2, spread: [1, 3], met: true });
    expect(makeFigure({ ...input, samples: [2.1] })).toMatchObject({ met: false });
  });

  it('takes its reference at the same quantile', () => {
    const reference = { name: 'bare', samples: [1, 2, 10] };
    const figure = makeFigure({ name: 'x', unit: 'ms', samples: [1, 2, 20], quantile: 0.95, reference });
    expect(figure).toMatchObject({ value: 20, reference: { name: 'bare', value: 10 }, goal: null, met: null });
  });

  it('that misses its goal says so in the table', () => {
    const figure = makeFigure({ name: 'x', unit: 'MB', samples: [9], goal: { atMost: 8 } });
    expect(renderTable({ bench: 'b', figures: [figure], versions: {}, load: [0, 0] })).toContain('<= 8  MISSED');
  });
});
