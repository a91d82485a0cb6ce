import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { KubeObject } from '../../../lib/kube/objects.ts';
import type { Kind } from '../kinds/kind.ts';
import { Registry } from '../kinds/registry.ts';
import { openSqliteJournal, StateFileError } from './sqlite-journal.ts';
import { Storage } from './storage.ts';

const registry = new Registry();
const kinds = [registry.find('', 'v1', 'configmaps'), registry.find('apps', 'v1', 'deployments')] as const;
let folder = '';
let file = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'flint-state-'));
  file = join(folder, 'state.sqlite');
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function put(storage: Storage, name: string, text: string, kind: Kind = kinds[0]): KubeObject {
  const metadata = { name, namespace: 'default', uid: `uid of ${text}`, managedFields: [{ manager: text }] };
  const object = { apiVersion: 'v1', kind: kind.kind, metadata, data: { text } };
  return storage.put(kind, `default/${name}`, object);
}

interface State {
  readonly version: number;
  readonly objects: readonly (readonly [string, KubeObject][])[];
}

function stateOf(storage: Storage): State {
  const objects = kinds.map((kind) => [...storage.list(kind)].sort(([a], [b]) => (a < b ? -1 : 1)));
  return { version: storage.version, objects };
}

/** What a start finds that comes after SIGKILL at this moment: the files as the operating system has them, none closed. */
function stateAfterKill(): State {
  const copy = join(folder, 'copy.sqlite');
  for (const end of ['', '-wal']) {
    rmSync(`${copy}${end}`, { force: true });
    if (existsSync(`${file}${end}`)) {
      copyFileSync(`${file}${end}`, `${copy}${end}`);
    }
  }
  const journal = openSqliteJournal(copy);
  const state = stateOf(new Storage({ journal }));
  journal.close();
  return state;
}

const write = fc.record({
  kind: fc.constantFrom(...kinds),
  name: fc.constantFrom('a', 'b', 'c'),
  text: fc.string({ maxLength: 50 }),
  remove: fc.boolean(),
});

it('killed after any write, everything answered is there: objects, uids, owners of fields and the version', () => {
  fc.assert(
    fc.property(fc.array(write, { maxLength: 12 }), (writes) => {
      rmSync(file, { force: true });
      const journal = openSqliteJournal(file);
      const storage = new Storage({ journal });
      for (const { kind, name, text, remove } of writes) {
        if (remove) {
          storage.remove(kind, `default/${name}`);
        } else {
          put(storage, name, text, kind);
        }
        expect(stateAfterKill()).toEqual(stateOf(storage));
      }
      journal.close();
    }),
    { numRuns: 20 },
  );
});

it('versions go on after a restart, even when the latest was that of a removal', () => {
  const first = openSqliteJournal(file);
  const before = new Storage({ journal: first });
  put(before, 'a', '1');
  before.remove(kinds[0], 'default/a');
  first.close();
  const second = openSqliteJournal(file);
  const after = new Storage({ journal: second });
  expect(after.version).toBe(before.version);
  expect(Number(put(after, 'a', '2').metadata.resourceVersion)).toBe(before.version + 1);
  second.close();
});

it('watches from before a restart are answered 410, from its version on they go on', () => {
  const first = openSqliteJournal(file);
  put(new Storage({ journal: first }), 'a', '1');
  first.close();
  const second = openSqliteJournal(file);
  const storage = new Storage({ journal: second });
  const listener = (): undefined => undefined;
  expect(() => storage.watch(kinds[0], storage.version - 1, listener)).toThrow(
    expect.objectContaining({ code: 410, reason: 'Expired' }),
  );
  expect(() => storage.watch(kinds[0], storage.version, listener)).not.toThrow();
  second.close();
});

describe('a file that cannot be used is refused with the way out, and left as it is', () => {
  const cases = [
    {
      what: 'of a newer Flint',
      spoil: () => {
        const database = new DatabaseSync(file);
        database.exec('PRAGMA user_version = 99');
        database.close();
      },
      says: 'newer Flint (format 99; this one knows up to 1)',
    },
    {
      what: 'of another program',
      spoil: () => {
        rmSync(file);
        const database = new DatabaseSync(file);
        database.exec('CREATE TABLE bookmarks (url TEXT)');
        database.close();
      },
      says: 'its mark is missing',
    },
    {
      what: 'emptied',
      spoil: () => {
        truncateSync(file);
      },
      says: 'its mark is missing',
    },
    {
      what: 'that is no database',
      spoil: () => {
        writeFileSync(file, 'not a database, whatever its name says '.repeat(100));
      },
      says: 'it is damaged: file is not a database',
    },
    {
      what: 'cut off',
      spoil: () => {
        truncateSync(file, readFileSync(file).length - 4096);
      },
      says: 'it is damaged: ',
    },
    {
      what: 'with an object that is no JSON',
      spoil: () => {
        const database = new DatabaseSync(file);
        database.exec(`UPDATE objects SET json = '{' WHERE key = 'default/3'`);
        database.close();
      },
      says: 'configmaps default/3 is no JSON',
    },
  ];
  it.for(cases)('one $what', ({ spoil, says }) => {
    const journal = openSqliteJournal(file);
    const storage = new Storage({ journal });
    Array.from({ length: 20 }, (_, index) => put(storage, String(index), 'x'.repeat(1000)));
    journal.close();
    spoil();
    const before = readFileSync(file);
    const open = (): unknown => new Storage({ journal: openSqliteJournal(file) });
    expect(open).toThrow(StateFileError);
    expect(open).toThrow(says);
    expect(open).toThrow(/To begin with an empty cluster, move the file .* away/u);
    expect(readFileSync(file)).toEqual(before);
  });
});

it('a making that was interrupted is begun again', () => {
  writeFileSync(`${file}.new`, 'half');
  const journal = openSqliteJournal(file);
  expect(new Storage({ journal }).version).toBe(1);
  journal.close();
});
