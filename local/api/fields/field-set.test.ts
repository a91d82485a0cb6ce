import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { specs, structure } from '../testing/structured-objects.ts';
import {
  changedFields,
  difference,
  fieldsOf,
  type FieldSet,
  intersection,
  pathsOf,
  removeFields,
  union,
} from './field-set.ts';

const objects = specs.map((spec) => ({ spec }));
const fields = objects.map((object) => fieldsOf(object, structure));

/** Every path that the set names, those of branches too. */
function everyPath(set: FieldSet, prefix = ''): string[] {
  return Object.entries(set).flatMap(([segment, child]) => {
    const path = `${prefix}/${segment}`;
    return [path, ...everyPath(child, path)];
  });
}

function holds(property: fc.IProperty<[FieldSet, FieldSet]>): void {
  fc.assert(property);
}

describe('sets of fields', () => {
  it('a union has what either has', () => {
    holds(
      fc.property(fields, fields, (a, b) => {
        expect(new Set(everyPath(union(a, b)))).toEqual(new Set([...everyPath(a), ...everyPath(b)]));
      }),
    );
  });

  it('an intersection has the leaves that both have, and is the same from both sides', () => {
    holds(
      fc.property(fields, fields, (a, b) => {
        const both = pathsOf(intersection(a, b)).sort();
        expect(both).toEqual(pathsOf(intersection(b, a)).sort());
        expect(both).toEqual(expect.arrayContaining(pathsOf(a).filter((path) => pathsOf(b).includes(path))));
      }),
    );
  });

  it('a difference and what it took away are the whole', () => {
    holds(
      fc.property(fields, fields, (a, b) => {
        const rest = difference(a, b);
        expect(difference(rest, b)).toEqual(rest);
        expect(difference(a, union(rest, b))).toEqual({});
        expect(difference(a, a)).toEqual({});
      }),
    );
  });

  it('the fields of an object, taken away, leave none of them; no fields taken away leave all', () => {
    fc.assert(
      fc.property(objects, (object) => {
        expect(
          fieldsOf(removeFields(object, { set: fieldsOf(object, structure), owned: {} }, structure), structure),
        ).toEqual({});
        expect(removeFields(object, { set: {}, owned: {} }, structure)).toEqual(object);
      }),
    );
  });

  it('nothing of an object differs from itself, and what differs from another is of the set that was asked', () => {
    fc.assert(
      fc.property(objects, objects, (a, b) => {
        const all = fieldsOf(a, structure);
        expect(changedFields(all, a, structuredClone(a), structure)).toEqual({});
        expect(difference(changedFields(all, a, b, structure), all)).toEqual({});
      }),
    );
  });
});
