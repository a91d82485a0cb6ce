import { describe, expect, it } from 'vitest';
import { parseQuantity, tryParseQuantity } from './quantity.ts';

describe('a quantity', () => {
  const cases = [
    { text: '64Mi', want: 64 * 2 ** 20 },
    { text: '50m', want: 0.05 },
    { text: '1', want: 1 },
    { text: '0.5', want: 0.5 },
    { text: '.5', want: 0.5 },
    { text: '1e3', want: 1000 },
    { text: '12E', want: 12e18 },
    { text: '12e0', want: 12 },
    { text: '100k', want: 100_000 },
    { text: '-1Gi', want: -(2 ** 30) },
    { text: 2, want: 2 },
  ];
  for (const { text, want } of cases) {
    it(`${text} is ${want}`, () => {
      expect(parseQuantity(text)).toBeCloseTo(want, 10);
    });
  }

  for (const text of ['', 'Mi', '1 Mi', '1mi', '1e', '1KiB', 'one']) {
    it(`is not '${text}'`, () => {
      expect(tryParseQuantity(text)).toBeUndefined();
      expect(() => parseQuantity(text)).toThrow(`'${text}' is not a quantity`);
    });
  }
});
