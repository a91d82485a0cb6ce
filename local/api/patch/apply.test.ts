import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../../lib/kube/objects.ts';
import { StatusError } from '../../../lib/kube/status-error.ts';
import {
  changedFields,
  difference,
  fieldsOf,
  type FieldSet,
  intersection,
  isEmpty,
  pathsOf,
  union,
} from '../fields/field-set.ts';
import { afterUpdate, managedFieldsOf, ownable } from '../fields/managers.ts';
import type { JsonObject } from '../fields/structure.ts';
import { objectOf, specs, structure } from '../testing/structured-objects.ts';
import { applyIntent } from './apply.ts';

interface Applied {
  readonly by: string;
  readonly spec: JsonObject;
  readonly force?: boolean;
}

function apply(live: KubeObject | undefined, { by, spec, force = true }: Applied): KubeObject {
  const writer = { manager: by, operation: 'Apply', apiVersion: 'test/v1', time: '2026-01-01T00:00:00Z' } as const;
  return applyIntent({ intent: objectOf(spec), live, structure, writer, force });
}

function update(live: KubeObject, { by, spec }: Applied): KubeObject {
  const after = { ...live, spec };
  const writer = { manager: by, operation: 'Update', apiVersion: 'test/v1', time: '2026-01-01T00:00:00Z' } as const;
  return {
    ...after,
    metadata: { ...after.metadata, managedFields: afterUpdate({ before: live, after }, structure, writer) },
  };
}

function ownedBy(object: KubeObject, manager: string): FieldSet {
  return managedFieldsOf(object).find((entry) => entry.manager === manager)?.fieldsV1 ?? {};
}

const stated = (spec: JsonObject): FieldSet => fieldsOf(ownable(objectOf(spec)), structure);
const present = (object: KubeObject): FieldSet => fieldsOf(ownable(object), structure);

describe('server-side apply', () => {
  it('applied twice is applied once', () => {
    fc.assert(
      fc.property(specs, specs, specs, (first, second, spec) => {
        const live = apply(apply(undefined, { by: 'a', spec: first }), { by: 'b', spec: second });
        const once = apply(live, { by: 'a', spec });
        expect(apply(once, { by: 'a', spec })).toEqual(once);
      }),
    );
  });

  it('a map that is wanted empty is empty at once, and stays', () => {
    const live = apply(undefined, { by: 'a', spec: { nested: { a: 0 } } });
    const emptied = apply(live, { by: 'a', spec: { nested: {} } });
    expect(emptied).toMatchObject({ spec: { nested: {} } });
    expect(apply(emptied, { by: 'a', spec: { nested: {} } })).toEqual(emptied);
  });

  it('a manager owns exactly what it stated last, and the object has it as stated', () => {
    fc.assert(
      fc.property(specs, specs, specs, (first, other, spec) => {
        const live = apply(apply(undefined, { by: 'a', spec: first }), { by: 'b', spec: other });
        const applied = apply(live, { by: 'a', spec });
        expect(ownedBy(applied, 'a')).toEqual(stated(spec));
        expect(changedFields(stated(spec), ownable(applied), ownable(objectOf(spec)), structure)).toEqual({});
      }),
    );
  });

  it('what nobody states any more goes; alone, an applier gets what it stated', () => {
    fc.assert(
      fc.property(specs, specs, (first, spec) => {
        const applied = apply(apply(undefined, { by: 'a', spec: first }), { by: 'a', spec });
        const left = difference(present(applied), stated(spec));
        expect(left).toEqual({});
      }),
    );
  });

  it('an item of a list that its only owner gives up goes whole, with the defaults that nobody owns', () => {
    const live = apply(undefined, { by: 'a', spec: { items: [{ name: 'a' }, { name: 'b', value: 1 }] } });
    const filled = { ...live, spec: { items: [{ name: 'a' }, { name: 'b', value: 1, filled: 'in' }] } };
    expect(apply(filled, { by: 'a', spec: { items: [{ name: 'a' }] } })).toMatchObject({
      spec: { items: [{ name: 'a' }] },
    });
  });

  it('an item in which another owns something stays, known by its keys', () => {
    const live = apply(undefined, { by: 'a', spec: { items: [{ name: 'b', size: 1 }], size: 1 } });
    const updated = update(live, { by: 'u', spec: { items: [{ name: 'b', size: 1, value: 2 }], size: 1 } });
    expect(apply(updated, { by: 'a', spec: { size: 1 } })).toMatchObject({
      spec: { items: [{ name: 'b', value: 2 }] },
    });
  });

  it('what another still owns stays when the one who stated it too gives it up', () => {
    fc.assert(
      fc.property(specs, specs, (shared, own) => {
        const both = apply(apply(undefined, { by: 'a', spec: shared }), { by: 'b', spec: shared });
        expect([ownedBy(both, 'a'), ownedBy(both, 'b')]).toEqual([stated(shared), stated(shared)]);
        const left = apply(both, { by: 'a', spec: own, force: true });
        const kept = ownedBy(left, 'b');
        expect(difference(kept, present(left))).toEqual({});
        expect(changedFields(kept, ownable(left), ownable(objectOf(shared)), structure)).toEqual({});
      }),
    );
  });

  it('a field with another value is taken by force only, and then has one owner', () => {
    fc.assert(
      fc.property(specs, specs, (first, second) => {
        const live = apply(undefined, { by: 'a', spec: first });
        const contested = changedFields(
          intersection(stated(first), stated(second)),
          ownable(live),
          ownable(objectOf(second)),
          structure,
        );
        const polite = (): KubeObject => apply(live, { by: 'b', spec: second, force: false });
        if (isEmpty(contested)) {
          expect(polite).not.toThrow();
        } else {
          expect(polite).toThrow(StatusError);
        }
        const forced = apply(live, { by: 'b', spec: second });
        expect(intersection(ownedBy(forced, 'a'), contested)).toEqual({});
      }),
    );
  });

  it('everything that is there has an owner, and nobody owns what is not', () => {
    const writes = fc.array(fc.record({ by: fc.constantFrom('a', 'b', 'c'), spec: specs }), {
      minLength: 1,
      maxLength: 5,
    });
    fc.assert(
      fc.property(writes, fc.array(fc.boolean(), { minLength: 5, maxLength: 5 }), (all, applies) => {
        const object = all.reduce<KubeObject | undefined>(
          (live, write, index) =>
            live === undefined || applies[index] === true
              ? apply(live, write)
              : update(live, { ...write, by: `${write.by}-updates` }),
          undefined,
        );
        const live = object ?? objectOf({});
        const owned = managedFieldsOf(live).reduce<FieldSet>((sum, entry) => union(sum, entry.fieldsV1), {});
        expect(difference(owned, present(live))).toEqual({});
        // An item that only an update of something in it keeps has its keys from nobody.
        const ownerless = pathsOf(difference(present(live), owned));
        expect(ownerless.filter((path) => !/(\]|\.name)$/u.test(path))).toEqual([]);
      }),
    );
  });
});
