import { existsSync, renameSync, rmSync } from 'node:fs';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { errorMessage } from '../../../lib/errors.ts';
import type { KubeObject } from '../../../lib/kube/objects.ts';
import type { Journal, JournalContent, JournalRecord } from './journal.ts';

/** `FLIN`: SQLite's mark of whose file it is. */
const applicationId = 0x46_4c_49_4e;
/** Grows with every change of the tables that an older Flint cannot read. */
const format = 1;

/** A file of state that cannot be used as it is; nothing of it was changed. */
export class StateFileError extends Error {
  override readonly name = 'StateFileError';

  constructor(file: string, what: string, cause?: unknown) {
    super(
      `cannot use the cluster's state in ${file}: ${what}.\n` +
        `It was left as it is. To begin with an empty cluster, move the file (and ${file}-wal) away, or name another folder with --data.`,
      { cause },
    );
  }
}

/**
 * A journal in one SQLite file, opened or made. WAL with `synchronous=NORMAL`: each write is with the operating system when it
 * returns (30 µs), so that it survives the end of the process by whatever signal; a loss of power may cost the last ones, not
 * the file.
 * @throws StateFileError for a file that is damaged, no state of Flint, or of a newer Flint
 */
export function openSqliteJournal(file: string): Journal {
  try {
    if (!existsSync(file)) {
      createFile(file);
    }
    return new SqliteJournal(file);
  } catch (error) {
    throw error instanceof StateFileError ? error : new StateFileError(file, describe(error), error);
  }
}

/** Made aside and renamed: a file without our mark is never one whose making was interrupted. */
function createFile(file: string): void {
  const draft = `${file}.new`;
  rmSync(draft, { force: true });
  const database = new DatabaseSync(draft);
  database.exec(`
    PRAGMA application_id = ${applicationId};
    PRAGMA user_version = ${format};
    CREATE TABLE objects (
      kind TEXT NOT NULL, key TEXT NOT NULL, version INTEGER NOT NULL, json TEXT NOT NULL,
      PRIMARY KEY (kind, key)
    );
    -- Objects carry their own versions; the one of a removal would be lost with its object.
    CREATE TABLE removals (id INTEGER PRIMARY KEY CHECK (id = 1), version INTEGER NOT NULL);
    INSERT INTO removals VALUES (1, 0);
  `);
  database.close();
  renameSync(draft, file);
}

class SqliteJournal implements Journal {
  readonly #file: string;
  readonly #database: DatabaseSync;
  readonly #put: StatementSync;
  readonly #delete: StatementSync;
  readonly #noteRemoval: StatementSync;

  constructor(file: string) {
    this.#file = file;
    this.#database = new DatabaseSync(file);
    try {
      this.#check();
      this.#database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;');
      this.#put = this.#database.prepare(
        `INSERT INTO objects (kind, key, version, json) VALUES (?, ?, ?, ?)
         ON CONFLICT DO UPDATE SET version = excluded.version, json = excluded.json`,
      );
      this.#delete = this.#database.prepare('DELETE FROM objects WHERE kind = ? AND key = ?');
      this.#noteRemoval = this.#database.prepare('UPDATE removals SET version = ?');
    } catch (error) {
      this.#database.close();
      throw error;
    }
  }

  load(): JournalContent {
    const rows = this.#database.prepare('SELECT kind, key, version, json FROM objects').all();
    const records = rows as unknown as readonly JournalRecord[];
    const removed = this.#number('SELECT version FROM removals');
    return {
      version: records.reduce((latest, { version }) => Math.max(latest, version), removed),
      objects: records.map(({ kind, key, json }) => ({ kind, key, object: this.#parse(`${kind} ${key}`, json) })),
    };
  }

  put({ kind, key, version, json }: JournalRecord): void {
    this.#write(() => this.#put.run(kind, key, version, json));
  }

  remove({ kind, key, version }: Omit<JournalRecord, 'json'>): void {
    this.#write(() => {
      this.#database.exec('BEGIN IMMEDIATE');
      try {
        this.#delete.run(kind, key);
        this.#noteRemoval.run(version);
        this.#database.exec('COMMIT');
      } catch (error) {
        this.#database.exec('ROLLBACK');
        throw error;
      }
    });
  }

  close(): void {
    this.#database.close();
  }

  #check(): void {
    if (this.#number('PRAGMA application_id') !== applicationId) {
      throw new StateFileError(this.#file, 'it is no state of Flint, or it is damaged: its mark is missing');
    }
    const found = this.#number('PRAGMA user_version');
    if (found > format) {
      const what = `it was written by a newer Flint (format ${found}; this one knows up to ${format}): start that one`;
      throw new StateFileError(this.#file, what);
    }
    const answer = this.#first('PRAGMA quick_check(1)');
    if (answer !== 'ok') {
      throw new StateFileError(this.#file, `it is damaged: ${String(answer)}`);
    }
  }

  #parse(what: string, json: string): KubeObject {
    try {
      return JSON.parse(json) as KubeObject;
    } catch (error) {
      throw new StateFileError(this.#file, `it is damaged: ${what} is no JSON`, error);
    }
  }

  #write(write: () => unknown): void {
    try {
      write();
    } catch (error) {
      throw new Error(
        `the change was not made, the cluster's state cannot be written to ${this.#file}: ${describe(error)}`,
        {
          cause: error,
        },
      );
    }
  }

  #number(sql: string): number {
    return Number(this.#first(sql));
  }

  #first(sql: string): unknown {
    return Object.values(this.#database.prepare(sql).get() ?? {})[0];
  }
}

/** SQLITE_CORRUPT and SQLITE_NOTADB. */
const damaged: readonly unknown[] = [11, 26];

function describe(error: unknown): string {
  const { errcode } = error as { readonly errcode?: unknown };
  return `${damaged.includes(errcode) ? 'it is damaged: ' : ''}${errorMessage(error)}`;
}
