import type { KubeObject } from '../../../lib/kube/objects.ts';
import { type Kind, kindKey } from '../kinds/kind.ts';
import { refuse } from '../status.ts';
import { EventHistory, type HistoryLimits, type StoredEvent } from './history.ts';
import { forgetfulJournal, type Journal } from './journal.ts';

export type Listener = (event: StoredEvent) => void;

export interface StorageOptions {
  readonly journal?: Journal;
  /** Of each kind. */
  readonly history?: HistoryLimits;
}

/** A kind with a thousand busy objects resumes over two changes of each; with large objects sooner no more. */
const defaultHistory: HistoryLimits = { events: 2000, bytes: 8 * 1024 * 1024 };

interface Shelf {
  readonly objects: Map<string, KubeObject>;
  readonly listeners: Set<Listener>;
  readonly history: EventHistory;
}

/**
 * All objects, one version counter over all kinds as in etcd, and the latest events of each kind. Stored objects are
 * frozen: readers share them. Each write is in the journal before it is seen. Listeners are called within the write, in its
 * order.
 */
export class Storage {
  readonly #shelves = new Map<string, Shelf>();
  readonly #journal: Journal;
  readonly #limits: HistoryLimits;
  #version: number;

  /** Goes on where the journal ends. The history is gone by then: watches of earlier versions are answered 410. */
  constructor({ journal = forgetfulJournal, history = defaultHistory }: StorageOptions = {}) {
    this.#journal = journal;
    this.#limits = history;
    const { version, objects } = journal.load();
    this.#version = Math.max(version, 1);
    for (const { kind, key, object } of objects) {
      this.#shelfOf(kind).objects.set(key, deepFreeze(object));
    }
  }

  get version(): number {
    return this.#version;
  }

  get(kind: Kind, key: string): KubeObject | undefined {
    return this.#shelf(kind).objects.get(key);
  }

  list(kind: Kind): IterableIterator<[string, KubeObject]> {
    return this.#shelf(kind).objects.entries();
  }

  /**
   * The kind's objects as they were at `version`.
   * @throws StatusError Expired when that is too long ago, Timeout when it is in the future
   */
  listAt(kind: Kind, version: number): ReadonlyMap<string, KubeObject> {
    this.#checkKnown(kind, version);
    const objects = new Map(this.#shelf(kind).objects);
    for (const { key, previous } of this.#shelf(kind).history.after(version).toReversed()) {
      if (previous === undefined) {
        objects.delete(key);
      } else {
        objects.set(key, previous);
      }
    }
    return objects;
  }

  /** Stores `object` under the next version and tells the listeners. @returns it as stored. */
  put(kind: Kind, key: string, object: KubeObject): KubeObject {
    const shelf = this.#shelf(kind);
    const previous = shelf.objects.get(key);
    const version = this.#version + 1;
    const { stored, json } = stamp(object, version);
    this.#journal.put({ kind: kindKey(kind), key, version, json });
    shelf.objects.set(key, stored);
    const type = previous === undefined ? 'ADDED' : 'MODIFIED';
    this.#publish(shelf, { type, key, object: stored, previous, version, json });
    return stored;
  }

  /** @returns the object as it was last, under the version of its removal. */
  remove(kind: Kind, key: string): KubeObject | undefined {
    const shelf = this.#shelf(kind);
    const previous = shelf.objects.get(key);
    if (previous === undefined) {
      return undefined;
    }
    const version = this.#version + 1;
    const { stored, json } = stamp(previous, version);
    this.#journal.remove({ kind: kindKey(kind), key, version });
    shelf.objects.delete(key);
    this.#publish(shelf, { type: 'DELETED', key, object: stored, previous, version, json });
    return stored;
  }

  /**
   * Calls `listener` for every event after `since`, first those that already happened.
   * @returns what ends it.
   * @throws StatusError Expired when events after `since` are no longer known, Timeout when `since` is in the future.
   */
  watch(kind: Kind, since: number, listener: Listener): () => void {
    this.#checkKnown(kind, since);
    const shelf = this.#shelf(kind);
    shelf.history.after(since).forEach(listener);
    shelf.listeners.add(listener);
    return () => shelf.listeners.delete(listener);
  }

  /** @throws StatusError Timeout when `version` is in the future */
  checkReached(version: number): void {
    if (version > this.#version) {
      throw refuse('Timeout', `Too large resource version: ${version}, current: ${this.#version}`);
    }
  }

  /** Forgets all history, as a compaction of etcd does: watches and pages of lists from before it are answered 410. */
  compact(): void {
    this.#shelves.forEach(({ history }) => {
      history.compact(this.#version);
    });
  }

  #checkKnown(kind: Kind, version: number): void {
    this.checkReached(version);
    const { droppedTo } = this.#shelf(kind).history;
    if (version < droppedTo) {
      throw refuse('Expired', `too old resource version: ${version} (${droppedTo})`);
    }
  }

  #publish(shelf: Shelf, event: StoredEvent): void {
    this.#version = event.version;
    shelf.history.push(event);
    [...shelf.listeners].forEach((listener) => {
      listener(event);
    });
  }

  #shelf(kind: Kind): Shelf {
    return this.#shelfOf(kindKey(kind));
  }

  #shelfOf(key: string): Shelf {
    const found = this.#shelves.get(key);
    if (found !== undefined) {
      return found;
    }
    // Nothing is known of before, as of a kind that a real server begins to cache.
    const history = new EventHistory(this.#limits, this.#version);
    const shelf: Shelf = { objects: new Map(), listeners: new Set(), history };
    this.#shelves.set(key, shelf);
    return shelf;
  }
}

function stamp(object: KubeObject, version: number): { readonly stored: KubeObject; readonly json: string } {
  const stored = deepFreeze({ ...object, metadata: { ...object.metadata, resourceVersion: String(version) } });
  return { stored, json: JSON.stringify(stored) };
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(deepFreeze);
  }
  return value;
}
