import type { Clock, Random } from '../clock.ts';
import { errorMessage, isAbortError } from '../errors.ts';
import type { Runnable } from '../lifecycle.ts';
import type { Logger } from '../log.ts';
import { Backoff, retryAfterMs } from './backoff.ts';
import type { KubeClient, WatchEvent } from './client.ts';
import { freeAccess, type KindAccess, type NamespaceAccess } from './namespace-access.ts';
import type { KubeObject } from './objects.ts';
import { isLater } from './resource-version.ts';
import type { Resource } from './resources.ts';
import { isExpired, isInvalid, StatusError } from './status-error.ts';
import { type Indexer, keyOf, type ObjectKey, ObjectStore, type ReadonlyStore } from './store.ts';

/** What happened to an object, as far as the cache can tell. A handler looks at it and returns; it never awaits. */
export type Change<T> =
  | { readonly type: 'set'; readonly object: T; readonly previous: T | undefined }
  | { readonly type: 'delete'; readonly object: T };

export type ChangeHandler<T> = (change: Change<T>) => void;

export interface ReflectorOptions<T extends KubeObject> {
  readonly client: Pick<KubeClient, 'list' | 'watch'>;
  readonly resource: Resource<T>;
  /** Absent means every namespace. */
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly indexers?: Readonly<Record<string, Indexer<T>>>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly metrics?: ReflectorMetrics;
  /** Of a namespace that it says is refused the copy counts as complete; what was there before stays. */
  readonly access?: NamespaceAccess;
}

/** Where a reflector counts; the process gives it its registry. */
export interface ReflectorMetrics {
  failed(kind: string): void;
  synced(kind: string, objects: number): void;
}

/** A watch that lived this long, or brought a change, ends the back-off that came before it. */
const healthyMs = 10_000;
/** Objects that are taken into the store without a pause: about a millisecond's worth. */
const sliceSize = 250;
/** Half of what the API's other clients ask for: a page is parsed in one piece, 10 ms for so many Pods. */
const pageSize = 250;
/** Servers end watches after this long, at random within the range, so that clients do not all come back at once. */
const watchSeconds = { min: 300, max: 600 };

/**
 * How a server says that it does not stream the initial objects: 422 where it does not know how, and an error inside the stream
 * where its storage cannot tell its progress (kine below k3s, etcd before 3.4.25), with a code that any failure has.
 * https://github.com/kubernetes/kubernetes/blob/v1.34.0/staging/src/k8s.io/apiserver/pkg/storage/cacher/cacher.go
 */
function refusesToStream(error: unknown): boolean {
  return isInvalid(error) || (error instanceof StatusError && error.message.includes('required storage feature'));
}

/** 504 ResourceVersionTooLarge: the server is behind what we have seen; only a new list is sure. */
function needsList(error: unknown): boolean {
  return isExpired(error) || (error instanceof StatusError && error.code === 504);
}

/**
 * Keeps a local copy of the objects of one kind: list, then watch from the list's version, again from the last version
 * seen when the watch ends, and a new list when the server has forgotten that version. Never gives up; never goes
 * faster than its back-off.
 */
export class Reflector<T extends KubeObject> implements Runnable {
  readonly name: string;
  readonly #options: ReflectorOptions<T>;
  readonly #store: ObjectStore<T>;
  readonly #handlers: ChangeHandler<T>[] = [];
  readonly #synced = Promise.withResolvers<void>();
  readonly #backoff: Backoff;
  readonly #access: KindAccess;
  #hasSynced = false;
  /** The version to watch from; undefined asks for a new list. */
  #version: string | undefined;
  /** 'list' once the server has refused to stream the initial objects. */
  #initial: 'watch-list' | 'list' = 'watch-list';

  constructor(options: ReflectorOptions<T>) {
    this.name = `reflector ${options.resource.plural}`;
    this.#options = options;
    this.#store = new ObjectStore<T>(options.indexers);
    this.#backoff = new Backoff({ firstMs: 800, factor: 2, longestMs: 30_000 }, options.random);
    this.#access = this.#makeAccess();
  }

  #makeAccess(): KindAccess {
    const { namespace, access, clock } = this.#options;
    return namespace === undefined || access === undefined
      ? freeAccess(clock)
      : access.add(namespace, () => {
          this.#complete();
        });
  }

  get store(): ReadonlyStore<T> {
    return this.#store;
  }

  get hasSynced(): boolean {
    return this.#hasSynced;
  }

  /** Resolves once the first complete copy is there. */
  get synced(): Promise<void> {
    return this.#synced.promise;
  }

  /** Before `run`. Handlers are called in the order they were added; one that throws is logged and harms nobody. */
  onChange(handler: ChangeHandler<T>): void {
    this.#handlers.push(handler);
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    while (!signal.aborted) {
      const startedAt = clock.monotonic();
      try {
        await this.#followOnce(signal);
      } catch (error) {
        if (isAbortError(error, signal)) {
          return;
        }
        if (clock.monotonic() - startedAt >= healthyMs) {
          this.#backoff.reset();
        }
        await this.#recover(error, signal);
      }
    }
  }

  /** Draws the conclusion from a failure, and waits as long as that takes. */
  async #recover(error: unknown, signal: AbortSignal): Promise<void> {
    const { log, random, resource } = this.#options;
    if (this.#version === undefined && this.#initial === 'watch-list' && refusesToStream(error)) {
      // No failure: they are listed at once.
      this.#initial = 'list';
      return;
    }
    this.#access.failed(error);
    if (needsList(error)) {
      this.#version = undefined;
    }
    const pauseMs = Math.max(this.#backoff.next(), retryAfterMs(error, random) ?? 0);
    // A namespace that is refused is told once, for all kinds.
    if (!this.#access.isRefused) {
      this.#options.metrics?.failed(resource.kind);
      log.warn('watch failed', { kind: resource.kind, error: errorMessage(error), retryMs: Math.round(pauseMs) });
    }
    if (await this.#access.pause(pauseMs, signal)) {
      // All kinds of a namespace come back together, as far as it is in our hands.
      this.#backoff.reset();
    }
  }

  /** One list where needed and one watch, to its end. @throws Error when that came too soon for the next one to begin at once */
  async #followOnce(signal: AbortSignal): Promise<void> {
    if (this.#version === undefined && this.#initial === 'list') {
      await this.#list(signal);
    }
    const startedAt = this.#options.clock.monotonic();
    const changes = await this.#watchOnce(signal);
    if (changes === 0 && this.#options.clock.monotonic() - startedAt < healthyMs) {
      throw new Error('the server ended the watch at once');
    }
    this.#backoff.reset();
  }

  /** @returns how many changes it brought beyond the initial objects */
  async #watchOnce(signal: AbortSignal): Promise<number> {
    let initial = this.#version === undefined ? new Map<string, T>() : undefined;
    let changes = 0;
    for await (const event of this.#openWatch(initial !== undefined, signal)) {
      this.#access.served();
      if (initial !== undefined) {
        initial = (await this.#collect(event, initial)) ? undefined : initial;
      } else if (this.#take(event)) {
        changes += 1;
        this.#backoff.reset();
      }
    }
    if (initial !== undefined) {
      throw new Error('the server ended the watch before it had sent what there is');
    }
    return changes;
  }

  #openWatch(initialEvents: boolean, signal: AbortSignal): AsyncIterable<WatchEvent<T>> {
    const { client, resource, namespace, labelSelector, random } = this.#options;
    return client.watch(
      resource,
      {
        ...(namespace === undefined ? {} : { namespace }),
        ...(labelSelector === undefined ? {} : { labelSelector }),
        ...(initialEvents ? { sendInitialEvents: true } : {}),
        resourceVersion: this.#version ?? '',
        timeoutSeconds: Math.round(watchSeconds.min + random() * (watchSeconds.max - watchSeconds.min)),
      },
      signal,
    );
  }

  async #list(signal: AbortSignal): Promise<void> {
    const { client, resource, namespace, labelSelector } = this.#options;
    const found = new Map<string, T>();
    let version = '';
    const scope = {
      ...(namespace === undefined ? {} : { namespace }),
      ...(labelSelector === undefined ? {} : { labelSelector }),
    };
    for await (const page of client.list(resource, { ...scope, pageSize, signal })) {
      this.#access.served();
      page.items.forEach((object) => found.set(keyOf(object), object));
      version = page.resourceVersion;
    }
    await this.#replace(found, version);
  }

  /** One of the objects that a watch sends first. @returns true with the mark that all of them were sent. */
  async #collect(event: WatchEvent<T>, initial: Map<string, T>): Promise<boolean> {
    if (event.type === 'BOOKMARK') {
      if (event.initialEventsEnd) {
        await this.#replace(initial, event.resourceVersion);
      }
      return event.initialEventsEnd;
    }
    if (event.type === 'DELETED') {
      initial.delete(keyOf(event.object));
    } else {
      initial.set(keyOf(event.object), event.object);
    }
    return false;
  }

  /** @returns whether it changed anything: what comes twice, or from before the version we are at, is no news. */
  #take(event: WatchEvent<T>): boolean {
    const version = event.type === 'BOOKMARK' ? event.resourceVersion : event.object.metadata.resourceVersion;
    if (version !== undefined && !isLater(version, this.#version ?? '')) {
      return false;
    }
    this.#version = version ?? this.#version;
    if (event.type === 'BOOKMARK') {
      return false;
    }
    const key = keyOf(event.object);
    if (event.type === 'DELETED') {
      this.#store.delete(key);
      this.#tell({ type: 'delete', object: event.object });
    } else {
      this.#put(key, event.object);
    }
    return true;
  }

  #put(key: ObjectKey, object: T): void {
    const previous = this.#store.set(key, object);
    const { uid, resourceVersion } = object.metadata;
    if (previous === undefined) {
      this.#tell({ type: 'set', object, previous });
    } else if (previous.metadata.uid !== uid) {
      // A new object of the same name is another object: its predecessor's end is told first, should nobody have told it.
      this.#tell({ type: 'delete', object: previous });
      this.#tell({ type: 'set', object, previous: undefined });
    } else if (resourceVersion === undefined || previous.metadata.resourceVersion !== resourceVersion) {
      this.#tell({ type: 'set', object, previous });
    }
  }

  /**
   * The store becomes exactly `found`; what vanished unseen is told as deleted. A slice at a time: thousands of objects with their
   * indexes and handlers would keep everything else waiting, a renewal of the lease among it.
   */
  async #replace(found: ReadonlyMap<string, T>, version: string): Promise<void> {
    for (const key of [...this.#store.keys()].filter((known) => !found.has(known))) {
      const object = this.#store.delete(key);
      if (object !== undefined) {
        this.#tell({ type: 'delete', object });
      }
    }
    let done = 0;
    for (const [key, object] of found) {
      this.#put(key, object);
      done += 1;
      if (done % sliceSize === 0) {
        await this.#options.clock.sleep(0);
      }
    }
    this.#version = version;
    this.#options.metrics?.synced(this.#options.resource.kind, this.#store.size);
    this.#complete();
  }

  #complete(): void {
    this.#hasSynced = true;
    this.#synced.resolve();
  }

  #tell(change: Change<T>): void {
    for (const handler of this.#handlers) {
      try {
        handler(change);
      } catch (error) {
        this.#options.log.error('a change handler failed', { kind: this.#options.resource.kind, error });
      }
    }
  }
}
