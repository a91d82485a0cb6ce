import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson, sha256 } from './canonical.ts';

describe('canonical JSON', () => {
  const cases = [
    { name: 'sorts keys at every depth', value: { b: { d: 1, c: 2 }, a: 3 }, want: '{"a":3,"b":{"c":2,"d":1}}' },
    { name: 'leaves out what is absent', value: { a: undefined, b: 1 }, want: '{"b":1}' },
    { name: 'keeps null, which is something', value: { a: null }, want: '{"a":null}' },
    { name: 'keeps the order of lists', value: { env: ['b', 'a'] }, want: '{"env":["b","a"]}' },
    { name: 'sorts keys by code unit, whatever the locale', value: { ä: 1, z: 2, Z: 3 }, want: '{"Z":3,"z":2,"ä":1}' },
    { name: 'takes plain values', value: 'x', want: '"x"' },
  ];
  it.each(cases)('$name', ({ value, want }) => {
    expect(canonicalJson(value)).toBe(want);
  });

  it('is the same for the same content in any order of keys, and parses back to it', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue(), { noNullPrototype: true }), (value) => {
        const reversed = Object.fromEntries(Object.entries(value).reverse());
        expect(canonicalJson(reversed)).toBe(canonicalJson(value));
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});

it('sha256 is that of the text in UTF-8', () => {
  // printf 'grüß' | sha256sum
  expect(sha256('grüß')).toBe('0be03191333143d96baa686cb1084f775f1d73d7d580b35367694594f4904c48');
});
