import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ConfigMap } from './objects.ts';
import { byLabel, byOwnerUid, keyOf, makeKey, ObjectStore, splitKey } from './store.ts';
import { aMap } from './testing/scripted-server.ts';

function labelled(name: string, label: string | undefined, owners: readonly string[] = []): ConfigMap {
  const { metadata, ...rest } = aMap(name, 1);
  const ownerReferences = owners.map((uid) => ({ apiVersion: 'v1', kind: 'X', name: 'x', uid }));
  return {
    ...rest,
    metadata: { ...metadata, ...(label === undefined ? {} : { labels: { l: label } }), ownerReferences },
  };
}

const namesIn = (objects: readonly ConfigMap[]): string[] => objects.map(({ metadata }) => metadata.name).sort();

describe('a store', () => {
  it('files an object under each value of each index, and under none that it has no more', () => {
    const store = new ObjectStore<ConfigMap>({ label: byLabel('l'), owner: byOwnerUid });
    store.set('a/x', labelled('x', 'one', ['u', 'v']));
    store.set('a/y', labelled('y', 'one'));
    expect(namesIn(store.byIndex('label', 'one'))).toEqual(['x', 'y']);
    expect(namesIn(store.byIndex('owner', 'v'))).toEqual(['x']);
    expect(store.set('a/x', labelled('x', 'two', ['v']))).toMatchObject({ metadata: { labels: { l: 'one' } } });
    expect(namesIn(store.byIndex('label', 'one'))).toEqual(['y']);
    expect(store.byIndex('owner', 'u')).toEqual([]);
    expect(store.delete('a/x')).toMatchObject({ metadata: { labels: { l: 'two' } } });
    expect([store.delete('a/x'), store.byIndex('label', 'two'), store.size]).toEqual([undefined, [], 1]);
  });

  it('knows no index that it was not made with', () => {
    expect(() => new ObjectStore().byIndex('label', 'one')).toThrow(/no index 'label'/u);
  });

  it('answers from an index what a look at every object would, whatever was put in and taken out', () => {
    const label = fc.constantFrom('one', 'two', undefined);
    const step = fc.record({ key: fc.constantFrom('x', 'y', 'z'), label, isDelete: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const store = new ObjectStore<ConfigMap>({ label: byLabel('l') });
        for (const { key, label: value, isDelete } of steps) {
          if (isDelete) {
            store.delete(key);
          } else {
            store.set(key, labelled(key, value));
          }
        }
        for (const value of ['one', 'two']) {
          const all = [...store.values()].filter(({ metadata }) => metadata.labels?.['l'] === value);
          expect(namesIn(store.byIndex('label', value))).toEqual(namesIn(all));
        }
      }),
    );
  });
});

it.each([{ namespace: 'a', name: 'x' }, { name: 'x' }])('a key of $namespace $name says both again', (name) => {
  expect(splitKey(makeKey(name.namespace, name.name))).toEqual(name);
  expect(keyOf({ metadata: name })).toBe(makeKey(name.namespace, name.name));
});
