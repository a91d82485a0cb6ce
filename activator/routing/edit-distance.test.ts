import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { editDistance } from './edit-distance.ts';

describe('the distance of two words', () => {
  const word = fc.stringMatching(/^[ab]{0,5}$/u);

  it('is no distance only between equals, the same both ways, and one after one change', () => {
    fc.assert(
      fc.property(word, word, fc.nat(4), (a, b, at) => {
        expect(editDistance(a, b, 9) === 0).toBe(a === b);
        expect(editDistance(a, b, 9)).toBe(editDistance(b, a, 9));
        expect(editDistance(a, `${a.slice(0, at)}x${a.slice(at)}`, 9)).toBe(1);
      }),
    );
  });

  it('obeys the triangle', () => {
    fc.assert(
      fc.property(word, word, word, (a, b, c) => {
        expect(editDistance(a, c, 9)).toBeLessThanOrEqual(editDistance(a, b, 9) + editDistance(b, c, 9));
      }),
    );
  });

  it('that is beyond the limit is only known to be', () => {
    fc.assert(
      fc.property(word, word, fc.nat(3), (a, b, max) => {
        const exact = editDistance(a, b, 9);
        const bounded = editDistance(a, b, max);
        expect(bounded <= max ? bounded : exact).toBe(exact);
        expect(bounded > max).toBe(exact > max);
      }),
    );
  });
});
