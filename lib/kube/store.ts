import type { KubeObject } from './objects.ts';

/** `namespace/name`, or `name` for cluster-scoped objects. */
export type ObjectKey = string;

export function keyOf(object: {
  readonly metadata: { readonly namespace?: string; readonly name: string };
}): ObjectKey {
  return makeKey(object.metadata.namespace, object.metadata.name);
}

export function makeKey(namespace: string | undefined, name: string): ObjectKey {
  return namespace === undefined ? name : `${namespace}/${name}`;
}

export function splitKey(key: ObjectKey): { readonly namespace?: string; readonly name: string } {
  const slash = key.indexOf('/');
  return slash < 0 ? { name: key } : { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}

/** The values under which an object is found in an index; none leaves it out. */
export type Indexer<T> = (object: T) => readonly string[];

/** What readers of a cache may do. Objects in it are shared: nobody changes them. */
export interface ReadonlyStore<T extends KubeObject> {
  get(key: ObjectKey): T | undefined;
  values(): IterableIterator<T>;
  readonly size: number;
  /** The objects that the indexer `index` filed under `value`. */
  byIndex(index: string, value: string): readonly T[];
}

/** A local copy of the objects of one kind, with indexes kept in step. */
export class ObjectStore<T extends KubeObject> implements ReadonlyStore<T> {
  readonly #objects = new Map<ObjectKey, T>();
  readonly #indexers: ReadonlyMap<string, Indexer<T>>;
  /** index name → value → keys */
  readonly #indexes = new Map<string, Map<string, Set<ObjectKey>>>();

  constructor(indexers: Readonly<Record<string, Indexer<T>>> = {}) {
    this.#indexers = new Map(Object.entries(indexers));
    for (const name of this.#indexers.keys()) {
      this.#indexes.set(name, new Map());
    }
  }

  get size(): number {
    return this.#objects.size;
  }

  get(key: ObjectKey): T | undefined {
    return this.#objects.get(key);
  }

  values(): IterableIterator<T> {
    return this.#objects.values();
  }

  keys(): IterableIterator<ObjectKey> {
    return this.#objects.keys();
  }

  byIndex(index: string, value: string): readonly T[] {
    const entries = this.#indexes.get(index);
    if (entries === undefined) {
      throw new Error(`there is no index '${index}'`);
    }
    return [...(entries.get(value) ?? [])].flatMap((key) => this.#objects.get(key) ?? []);
  }

  /** @returns what was there before. */
  set(key: ObjectKey, object: T): T | undefined {
    const previous = this.#objects.get(key);
    if (previous !== undefined) {
      this.#unindex(key, previous);
    }
    this.#objects.set(key, object);
    this.#index(key, object);
    return previous;
  }

  /** @returns what was there before. */
  delete(key: ObjectKey): T | undefined {
    const previous = this.#objects.get(key);
    if (previous !== undefined) {
      this.#unindex(key, previous);
      this.#objects.delete(key);
    }
    return previous;
  }

  #index(key: ObjectKey, object: T): void {
    for (const [name, indexer] of this.#indexers) {
      const entries = this.#indexes.get(name);
      for (const value of indexer(object)) {
        const keys = entries?.get(value);
        if (keys === undefined) {
          entries?.set(value, new Set([key]));
        } else {
          keys.add(key);
        }
      }
    }
  }

  #unindex(key: ObjectKey, object: T): void {
    for (const [name, indexer] of this.#indexers) {
      const entries = this.#indexes.get(name);
      for (const value of indexer(object)) {
        const keys = entries?.get(value);
        keys?.delete(key);
        if (keys?.size === 0) {
          entries?.delete(value);
        }
      }
    }
  }
}

/** Files an object under the uid of each of its owners. */
export const byOwnerUid: Indexer<KubeObject> = (object) =>
  (object.metadata.ownerReferences ?? []).map((reference) => reference.uid);

/** Files an object under the value of one of its labels. */
export function byLabel(label: string): Indexer<KubeObject> {
  return (object) => {
    const value = object.metadata.labels?.[label];
    return value === undefined ? [] : [value];
  };
}
