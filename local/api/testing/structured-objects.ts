import fc from 'fast-check';
import type { KubeObject } from '../../../lib/kube/objects.ts';
import { atomic, type JsonObject, listMap, map, set, type Structure } from '../fields/structure.ts';

/**
 * Objects with every way that fields merge, small enough that two of them often have fields and items in common. None holds an empty map
 * or list: those are fields by themselves, and branches of others with something in it.
 */

export const structure: Structure = map({
  spec: map({
    items: listMap(['name'], map({ inner: listMap(['name']) })),
    tags: set,
    whole: atomic,
    selector: atomic,
  }),
});

const names = fc.constantFrom('a', 'b', 'c');
const scalar = fc.oneof(fc.nat(2), fc.constantFrom('x', 'y'), fc.boolean());

/** Names to scalars, some of them absent. */
const flat = fc.dictionary(names, scalar, { minKeys: 1, maxKeys: 3 });

function named(fields: fc.Arbitrary<JsonObject>): fc.Arbitrary<JsonObject[]> {
  const item = fc.tuple(names, fields).map(([name, more]) => ({ ...more, name }));
  return fc.uniqueArray(item, { minLength: 1, maxLength: 3, selector: ({ name }) => name });
}

const value = fc.record(
  { value: scalar, more: flat, inner: named(fc.record({ value: scalar }, { requiredKeys: [] })) },
  { requiredKeys: [] },
);

export const specs: fc.Arbitrary<JsonObject> = fc
  .record(
    {
      size: scalar,
      nested: flat,
      items: named(value),
      tags: fc.uniqueArray(names, { minLength: 1, maxLength: 3 }),
      whole: fc.array(fc.nat(2), { minLength: 1, maxLength: 3 }),
      selector: flat,
    },
    { requiredKeys: [] },
  )
  .filter((spec) => Object.keys(spec).length > 0);

export function objectOf(spec: JsonObject): KubeObject & { readonly spec: JsonObject } {
  return { apiVersion: 'test/v1', kind: 'Test', metadata: { name: 'o', namespace: 'n' }, spec };
}
