import fc from 'fast-check';
import { expect, it } from 'vitest';
import { deepEqual, isObject, type JsonObject } from '../fields/structure.ts';
import { specs } from '../testing/structured-objects.ts';
import { mergePatch } from './merge-patch.ts';

/** The least patch that makes `to` of `from`. */
function diff(from: JsonObject, to: JsonObject): JsonObject {
  const removed = Object.keys(from).filter((name) => !(name in to));
  const changed = Object.entries(to).filter(([name, value]) => !deepEqual(value, from[name]));
  return {
    ...Object.fromEntries(removed.map((name) => [name, null])),
    ...Object.fromEntries(
      changed.map(([name, value]) => {
        const before = from[name];
        return [name, isObject(before) && isObject(value) ? diff(before, value) : value];
      }),
    ),
  };
}

it('the difference of two objects, merged into the one, gives the other, and merged again changes nothing', () => {
  fc.assert(
    fc.property(specs, specs, (from, to) => {
      const patch = diff(from, to);
      expect(mergePatch(from, patch)).toEqual(to);
      expect(mergePatch(to, patch)).toEqual(to);
    }),
  );
});

it('neither the object nor the patch is changed', () => {
  fc.assert(
    fc.property(specs, specs, (from, to) => {
      const before = structuredClone([from, to]);
      mergePatch(from, diff(from, to));
      expect([from, to]).toEqual(before);
    }),
  );
});
