import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeRandom } from '../testing/fake-world.ts';
import { makeUuid } from './ids.ts';
import { isTraceparent, makeTraceparent } from './trace.ts';

describe('an id that is made', () => {
  it('has the form of its kind whatever chance says', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), { minLength: 1 }),
        (draws) => {
          let index = 0;
          const random = (): number => draws[index++ % draws.length] ?? 0;
          expect(makeUuid(random)).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/u);
          expect(makeTraceparent(random)).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/u);
        },
      ),
    );
  });

  it('is not made twice', () => {
    const random = makeRandom(1);
    const made = Array.from({ length: 10_000 }, () => makeUuid(random));
    expect(new Set(made).size).toBe(made.length);
  });

  it('begins a trace that others accept', () => {
    expect(isTraceparent(makeTraceparent(makeRandom(1)))).toBe(true);
  });
});

describe('a traceparent', () => {
  const trace = '0af7651916cd43dd8448eb211c80319c';
  const parent = 'b7ad6b7169203331';
  const cases = [
    { value: `00-${trace}-${parent}-01`, want: true },
    { value: `00-${trace}-${parent}-00`, want: true },
    { value: `01-${trace}-${parent}-01-later`, want: true },
    { value: `00-${trace}-${parent}-01-later`, want: false },
    { value: `ff-${trace}-${parent}-01`, want: false },
    { value: `00-${'0'.repeat(32)}-${parent}-01`, want: false },
    { value: `00-${trace}-${'0'.repeat(16)}-01`, want: false },
    { value: `00-${trace.toUpperCase()}-${parent}-01`, want: false },
    { value: `00-${trace}-${parent}`, want: false },
    { value: '', want: false },
  ];
  for (const { value, want } of cases) {
    it(`${want ? 'is' : 'is not'} '${value}'`, () => {
      expect(isTraceparent(value)).toBe(want);
    });
  }
});
