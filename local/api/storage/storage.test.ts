import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { KubeObject } from '../../../lib/kube/objects.ts';
import type { Kind } from '../kinds/kind.ts';
import { Registry } from '../kinds/registry.ts';
import type { StoredEvent } from './history.ts';
import { forgetfulJournal, type Journal } from './journal.ts';
import { Storage } from './storage.ts';

const registry = new Registry();
const configMaps = registry.find('', 'v1', 'configmaps');
const secrets = registry.find('', 'v1', 'secrets');

function put(storage: Storage, name: string, text = '', kind: Kind = configMaps): KubeObject {
  const object = { apiVersion: 'v1', kind: kind.kind, metadata: { name, namespace: 'default' }, data: { text } };
  return storage.put(kind, `default/${name}`, object);
}

function watched(storage: Storage, since: number, kind: Kind = configMaps): StoredEvent[] {
  const events: StoredEvent[] = [];
  storage.watch(kind, since, (event) => events.push(event));
  return events;
}

it('a watch resumes after the version it names', () => {
  const storage = new Storage();
  put(storage, 'a');
  const since = storage.version;
  put(storage, 'a', 'changed');
  const events = watched(storage, since);
  storage.remove(configMaps, 'default/a');
  expect(events.map(({ type, version }) => [type, version - since])).toEqual([
    ['MODIFIED', 1],
    ['DELETED', 2],
  ]);
});

it('a history holds so many events, and a watch from before them is answered 410', () => {
  const storage = new Storage({ history: { events: 3, bytes: 1e6 } });
  const versions = ['a', 'b', 'c', 'd', 'e'].map((name) => Number(put(storage, name).metadata.resourceVersion));
  expect(watched(storage, versions[1] ?? 0)).toHaveLength(3);
  expect(() => watched(storage, versions[0] ?? 0)).toThrow(
    expect.objectContaining({ code: 410, reason: 'Expired', message: 'too old resource version: 2 (3)' }),
  );
});

it('a history holds so many bytes, fewer events of large objects', () => {
  const storage = new Storage({ history: { events: 1000, bytes: 10_000 } });
  const versions = ['a', 'b', 'c', 'd'].map((name) => put(storage, name, 'x'.repeat(4000)).metadata.resourceVersion);
  expect(watched(storage, Number(versions[1]))).toHaveLength(2);
  expect(() => watched(storage, Number(versions[0]))).toThrow('too old resource version');
});

it('an object larger than the whole history is stored, and told to who watches already', () => {
  const storage = new Storage({ history: { events: 1000, bytes: 1000 } });
  const events = watched(storage, 1);
  put(storage, 'a', 'x'.repeat(4000));
  expect(events).toHaveLength(1);
  expect(watched(storage, storage.version)).toEqual([]);
});

it('a busy kind does not make the watches of a quiet one expire', () => {
  const storage = new Storage({ history: { events: 2, bytes: 1e6 } });
  put(storage, 'quiet', '', secrets);
  const since = storage.version;
  put(storage, 'quiet', 'changed', secrets);
  Array.from({ length: 10 }, (_, index) => put(storage, `busy-${index}`));
  expect(watched(storage, since, secrets)).toHaveLength(1);
});

it('after a compaction a watch goes on from the present version only, of kinds first seen later too', () => {
  const storage = new Storage();
  put(storage, 'a');
  storage.compact();
  expect(watched(storage, storage.version)).toEqual([]);
  expect(() => watched(storage, storage.version - 1)).toThrow('too old resource version');
  expect(() => watched(storage, storage.version - 1, secrets)).toThrow('too old resource version');
});

it('a version that is still to come is refused with 504', () => {
  expect(() => watched(new Storage(), 7)).toThrow(expect.objectContaining({ code: 504, reason: 'Timeout' }));
});

const command = fc.record({ name: fc.constantFrom('a', 'b', 'c'), remove: fc.boolean() });

it('the past is seen as it was, whatever happened since', () => {
  fc.assert(
    fc.property(fc.array(command, { maxLength: 30 }), fc.nat(30), (commands, moment) => {
      const storage = new Storage();
      storage.list(configMaps);
      let [version, want] = [storage.version, [...storage.list(configMaps)]];
      commands.forEach(({ name, remove }, index) => {
        if (remove) {
          storage.remove(configMaps, `default/${name}`);
        } else {
          put(storage, name, String(index));
        }
        if (index <= moment) {
          [version, want] = [storage.version, [...storage.list(configMaps)]];
        }
      });
      expect(new Map(storage.listAt(configMaps, version))).toEqual(new Map(want));
    }),
  );
});

it('a write that the journal refuses has not happened: nobody hears of it, and its version is given to the next', () => {
  let isFull = false;
  const refuseWhenFull = (): void => {
    if (isFull) {
      throw new Error('disk full');
    }
  };
  const journal: Journal = { ...forgetfulJournal, put: refuseWhenFull, remove: refuseWhenFull };
  const storage = new Storage({ journal });
  put(storage, 'a', 'old');
  const { version } = storage;
  const events = watched(storage, version);
  isFull = true;
  expect(() => put(storage, 'a', 'new')).toThrow('disk full');
  expect(() => storage.remove(configMaps, 'default/a')).toThrow('disk full');
  expect([storage.version, events, storage.get(configMaps, 'default/a')]).toEqual([
    version,
    [],
    expect.objectContaining({ data: { text: 'old' } }),
  ]);
  isFull = false;
  expect(Number(put(storage, 'b').metadata.resourceVersion)).toBe(version + 1);
});
