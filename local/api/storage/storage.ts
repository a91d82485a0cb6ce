import type { KubeObject } from '../../../lib/kube/objects.ts';
import { type Kind, kindKey } from '../kinds/kind.ts';
import { refuse } from '../status.ts';

export interface StoredEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: KubeObject;
  /** What it was before, for watchers with a selector. */
  readonly previous: KubeObject | undefined;
  readonly version: number;
}

export type Listener = (event: StoredEvent) => void;

/** How many events of a kind a watch may resume over; after that it has to list again. */
const historyLength = 2000;

interface Shelf {
  readonly objects: Map<string, KubeObject>;
  readonly listeners: Set<Listener>;
  readonly history: StoredEvent[];
}

/**
 * All objects, one version counter over all kinds as in etcd, and the latest events of each kind. Stored objects are
 * frozen: readers share them. Listeners are called within the write, in its order.
 */
export class Storage {
  readonly #shelves = new Map<string, Shelf>();
  #version = 1;
  /** Watches from a version below this one have lost events. */
  #oldest = 1;

  get version(): number {
    return this.#version;
  }

  get(kind: Kind, key: string): KubeObject | undefined {
    return this.#shelf(kind).objects.get(key);
  }

  list(kind: Kind): IterableIterator<[string, KubeObject]> {
    return this.#shelf(kind).objects.entries();
  }

  /** Stores `object` under the next version and tells the listeners. @returns it as stored. */
  put(kind: Kind, key: string, object: KubeObject): KubeObject {
    const shelf = this.#shelf(kind);
    const previous = shelf.objects.get(key);
    const stored = this.#stamp(object);
    shelf.objects.set(key, stored);
    this.#publish(shelf, { type: previous === undefined ? 'ADDED' : 'MODIFIED', object: stored, previous });
    return stored;
  }

  /** @returns the object as it was last, under the version of its removal. */
  remove(kind: Kind, key: string): KubeObject | undefined {
    const shelf = this.#shelf(kind);
    const previous = shelf.objects.get(key);
    if (previous === undefined) {
      return undefined;
    }
    shelf.objects.delete(key);
    const last = this.#stamp(previous);
    this.#publish(shelf, { type: 'DELETED', object: last, previous });
    return last;
  }

  /**
   * Calls `listener` for every event after `since`, first those that already happened.
   * @returns what ends it.
   * @throws StatusError Expired when events after `since` are no longer known, Timeout when `since` is in the future.
   */
  watch(kind: Kind, since: number, listener: Listener): () => void {
    const shelf = this.#shelf(kind);
    this.checkReached(since);
    if (since < this.#oldest - 1) {
      throw refuse('Expired', `too old resource version: ${since} (${this.#oldest})`);
    }
    shelf.history.filter((event) => event.version > since).forEach(listener);
    shelf.listeners.add(listener);
    return () => shelf.listeners.delete(listener);
  }

  /** @throws StatusError Timeout when `version` is in the future */
  checkReached(version: number): void {
    if (version > this.#version) {
      throw refuse('Timeout', `Too large resource version: ${version}, current: ${this.#version}`);
    }
  }

  /** Forgets all history, as a compaction does: watches from before it answer 410. */
  compact(): void {
    this.#oldest = this.#version + 1;
    this.#shelves.forEach((shelf) => {
      shelf.history.length = 0;
    });
  }

  #publish(shelf: Shelf, event: Omit<StoredEvent, 'version'>): void {
    const stamped = { ...event, version: this.#version };
    shelf.history.push(stamped);
    if (shelf.history.length > historyLength) {
      const dropped = shelf.history.shift();
      this.#oldest = Math.max(this.#oldest, (dropped?.version ?? 0) + 1);
    }
    [...shelf.listeners].forEach((listener) => {
      listener(stamped);
    });
  }

  #stamp(object: KubeObject): KubeObject {
    this.#version += 1;
    return deepFreeze({ ...object, metadata: { ...object.metadata, resourceVersion: String(this.#version) } });
  }

  #shelf(kind: Kind): Shelf {
    const key = kindKey(kind);
    const found = this.#shelves.get(key);
    if (found !== undefined) {
      return found;
    }
    const shelf: Shelf = { objects: new Map(), listeners: new Set(), history: [] };
    this.#shelves.set(key, shelf);
    return shelf;
  }
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(deepFreeze);
  }
  return value;
}
