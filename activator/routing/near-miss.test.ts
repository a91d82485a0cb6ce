import { describe, expect, it } from 'vitest';
import { tryParseHost } from './host-names.ts';
import { findNearMisses, maxCompared } from './near-miss.ts';

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
    { host: 'helo.sop', want: ['hello.shop'] },
    { host: 'heo.sop', want: [] },
    { host: '.shop', want: [] },
  ];
  for (const { host, want } of cases) {
    it(`'${host}' may mean ${want.length === 0 ? 'nothing' : want.join(' or ')}`, () => {
      expect(findNearMisses(host, tryParseHost(host), known)).toEqual(want);
    });
  }

  it('of a name that all namespaces have is answered with the best three', () => {
    const everywhere = Array.from({ length: 2000 }, (_, index) => ({ name: 'hello', namespace: `n${1999 - index}` }));
    const nearer = { name: 'helo', namespace: 'shop' };
    expect(findNearMisses('helo', undefined, [...everywhere, nearer])).toEqual(['helo.shop', 'hello.n0', 'hello.n1']);
  });

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
