import type { Clock, Random } from '../clock.ts';
import { runAll, type Runnable } from '../lifecycle.ts';
import type { Logger } from '../log.ts';
import type { NamespaceAccess } from './namespace-access.ts';
import type { KubeObject } from './objects.ts';
import { type ChangeHandler, Reflector, type ReflectorMetrics, type ReflectorOptions } from './reflector.ts';
import type { ObjectSource } from './slim-source.ts';
import type { ObjectKey, ReadonlyStore } from './store.ts';

/** What a component's caches share. */
export interface ScopedCacheDeps {
  readonly client: ObjectSource;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly metrics: ReflectorMetrics;
  /** One for all kinds. */
  readonly access: NamespaceAccess;
  /** None are all of them. */
  readonly namespaces: readonly string[];
}

/** A cache of any kind, as a part of the process. */
export interface FilledCache extends Runnable {
  readonly hasSynced: boolean;
  readonly synced: Promise<void>;
}

/**
 * The objects of one kind in every namespace, or in some: a watch each, since who may read only some namespaces may not ask
 * for all of them. Read as one.
 */
export class ScopedCache<T extends KubeObject> implements FilledCache {
  readonly name: string;
  readonly store: ReadonlyStore<T>;
  readonly #reflectors: readonly Reflector<T>[];

  /** No namespaces are all of them; the only choice for what has none. */
  constructor(options: Omit<ReflectorOptions<T>, 'namespace'>, namespaces: readonly string[]) {
    const scopes = namespaces.length === 0 ? [{}] : namespaces.map((namespace) => ({ namespace }));
    const metrics = options.metrics === undefined ? {} : { metrics: this.#countAll(options.metrics) };
    this.#reflectors = scopes.map((scope) => new Reflector<T>({ ...options, ...metrics, ...scope }));
    this.name = `reflector ${options.resource.plural}`;
    this.store = readAsOne(this.#reflectors.map((reflector) => reflector.store));
  }

  /** A list is of one namespace, what is counted is of all. */
  #countAll(metrics: ReflectorMetrics): ReflectorMetrics {
    return {
      failed: (kind) => {
        metrics.failed(kind);
      },
      synced: (kind) => {
        metrics.synced(kind, this.store.size);
      },
    };
  }

  get hasSynced(): boolean {
    return this.#reflectors.every((reflector) => reflector.hasSynced);
  }

  /** Resolves once the first complete copy of every namespace is there that may be read. */
  get synced(): Promise<void> {
    return Promise.all(this.#reflectors.map((reflector) => reflector.synced)).then(() => undefined);
  }

  /** Before `run`. */
  onChange(handler: ChangeHandler<T>): void {
    for (const reflector of this.#reflectors) {
      reflector.onChange(handler);
    }
  }

  run(signal: AbortSignal): Promise<void> {
    return runAll(this.#reflectors, signal);
  }
}

function readAsOne<T extends KubeObject>(stores: readonly ReadonlyStore<T>[]): ReadonlyStore<T> {
  const [first] = stores;
  return first !== undefined && stores.length === 1 ? first : new UnionStore(stores);
}

/** Stores whose keys never meet. */
class UnionStore<T extends KubeObject> implements ReadonlyStore<T> {
  readonly #stores: readonly ReadonlyStore<T>[];

  constructor(stores: readonly ReadonlyStore<T>[]) {
    this.#stores = stores;
  }

  get size(): number {
    return this.#stores.reduce((sum, store) => sum + store.size, 0);
  }

  get(key: ObjectKey): T | undefined {
    for (const store of this.#stores) {
      const object = store.get(key);
      if (object !== undefined) {
        return object;
      }
    }
    return undefined;
  }

  *values(): IterableIterator<T> {
    for (const store of this.#stores) {
      yield* store.values();
    }
  }

  byIndex(index: string, value: string): readonly T[] {
    return this.#stores.flatMap((store) => store.byIndex(index, value));
  }
}
