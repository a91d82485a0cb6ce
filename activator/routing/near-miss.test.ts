import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tryParseHost } from './host-names.ts';
import { editDistance, findNearMisses, maxCompared } from './near-miss.ts';

const known = [
  { name: 'hello', namespace: 'shop' },
  { name: 'hello', namespace: 'bar' },
  { name: 'checkout', namespace: 'shop' },
  { name: 'a', namespace: 'b' },
];

describe('a wrong host', () => {
  const cases = [
    { host: 'hello', want: ['hello.bar', 'hello.shop'] },
    { host: 'helo.shop', want: ['hello.shop'] },
    { host: 'hello.shpo', want: ['hello.shop'] },
    { host: 'chekcout.shop', want: ['checkout.shop'] },
    { host: 'helo.shop.localhost', want: ['hello.shop'] },
    { host: 'other.shop', want: [] },
    { host: 'checkout', want: ['checkout.shop'] },
    { host: 'zz', want: [] },
    { host: '', want: [] },
  ];
  for (const { host, want } of cases) {
    it(`'${host}' may mean ${want.length === 0 ? 'nothing' : want.join(' or ')}`, () => {
      expect(findNearMisses(host, tryParseHost(host), known)).toEqual(want);
    });
  }

  it('is compared with so many names and no more', () => {
    let asked = 0;
    function* many(): Generator<{ name: string; namespace: string }> {
      for (let index = 0; index < 100_000; index++) {
        asked++;
        yield { name: `fn${index}`, namespace: 'shop' };
      }
    }
    findNearMisses('nothing.like', tryParseHost('nothing.like'), many());
    expect(asked).toBeLessThanOrEqual(maxCompared + 1);
  });
});

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
