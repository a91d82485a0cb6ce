import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deepEqual, fieldStructure, isObject, itemKey, type JsonObject, type Structure } from '../fields/structure.ts';
import { specs, structure } from '../testing/structured-objects.ts';
import { mergePatch } from './merge-patch.ts';
import { strategicMerge } from './strategic.ts';

const specStructure = fieldStructure(structure, 'spec');

/** The patch that a client makes of what it saw and what it wants, with the directives that kubectl writes. */
function diff(from: JsonObject, to: JsonObject, declared: Structure | undefined): JsonObject {
  const removed = Object.keys(from).filter((name) => !(name in to));
  const changed = Object.entries(to).filter(([name, value]) => !deepEqual(value, from[name]));
  const parts = changed.map(([name, value]) => {
    const field = declared === undefined ? undefined : fieldStructure(declared, name);
    return diffField(name, { before: from[name], value, field });
  });
  const nulls = removed.map((name): JsonObject => ({ [name]: null }));
  return [...nulls, ...parts].reduce<JsonObject>((whole, part) => ({ ...whole, ...part }), {});
}

interface Change {
  readonly before: unknown;
  readonly value: unknown;
  readonly field: Structure | undefined;
}

function diffField(name: string, { before, value, field }: Change): JsonObject {
  if (Array.isArray(before) && Array.isArray(value) && field?.type === 'list-map') {
    return diffList(name, { before: before as JsonObject[], value: value as JsonObject[], field });
  }
  if (Array.isArray(before) && Array.isArray(value) && field?.type === 'list-set') {
    return {
      [name]: value.filter((item) => !before.includes(item)),
      [`$setElementOrder/${name}`]: value,
      [`$deleteFromPrimitiveList/${name}`]: before.filter((item) => !value.includes(item)),
    };
  }
  if (isObject(before) && isObject(value)) {
    return { [name]: field?.type === 'atomic' ? { $patch: 'replace', ...value } : diff(before, value, field) };
  }
  return { [name]: value };
}

interface ListChange {
  readonly before: readonly JsonObject[];
  readonly value: readonly JsonObject[];
  readonly field: Structure & { type: 'list-map' };
}

function diffList(name: string, { before, value, field }: ListChange): JsonObject {
  const keyOf = (item: JsonObject): string => itemKey(item, field.keys);
  const wanted = new Map(value.map((item) => [keyOf(item), item]));
  const gone = before
    .filter((item) => !wanted.has(keyOf(item)))
    .map((item) => ({ name: item['name'], $patch: 'delete' }));
  const changed = value.flatMap((item) => {
    const old = before.find((other) => keyOf(other) === keyOf(item));
    return old === undefined
      ? [item]
      : deepEqual(old, item)
        ? []
        : [{ ...diff(old, item, field.items), name: item['name'] }];
  });
  return {
    [name]: [...changed, ...gone],
    [`$setElementOrder/${name}`]: value.map((item) => ({ name: item['name'] })),
  };
}

const apply = (target: JsonObject, patch: JsonObject): unknown => strategicMerge(target, patch, specStructure);

describe('a strategic merge patch', () => {
  it('of the difference of two objects makes the other of the one, in its order', () => {
    fc.assert(
      fc.property(specs, specs, (from, to) => {
        expect(apply(from, diff(from, to, specStructure))).toEqual(to);
      }),
    );
  });

  it('merged again changes nothing, and neither object nor patch is changed', () => {
    fc.assert(
      fc.property(specs, specs, (from, patch) => {
        const before = structuredClone([from, patch]);
        const once = apply(from, patch) as JsonObject;
        expect(apply(once, patch)).toEqual(once);
        expect([from, patch]).toEqual(before);
      }),
    );
  });

  it('is a merge patch where no list has names', () => {
    const plain = fc.tuple(specs, specs).map((pair) => pair.map(({ items: _i, tags: _t, ...rest }) => rest));
    fc.assert(
      fc.property(plain, ([from = {}, patch = {}]) => {
        expect(apply(from, patch)).toEqual(mergePatch(from, patch));
      }),
    );
  });

  it('leaves the items that it does not name as they were', () => {
    fc.assert(
      fc.property(specs, specs, ({ items = [] }, patch) => {
        const named = new Set(((patch['items'] ?? []) as JsonObject[]).map(({ name }) => name));
        const others = (items as JsonObject[]).filter(({ name }) => !named.has(name));
        expect((apply({ items }, patch) as JsonObject)['items']).toEqual(expect.arrayContaining(others));
      }),
    );
  });
});
