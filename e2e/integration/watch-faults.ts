import type { KubeClient, ListOptions, ListPage, WatchEvent, WatchOptions } from '../../lib/kube/client.ts';
import type { KubeObject } from '../../lib/kube/objects.ts';
import type { Resource } from '../../lib/kube/resources.ts';
import { StatusError } from '../../lib/kube/status-error.ts';

type Source = Pick<KubeClient, 'list' | 'watch'>;
/** Objects by the plural of their kind, as they were at one time. */
export type Snapshot = ReadonlyMap<string, { readonly items: readonly KubeObject[]; readonly version: string }>;

/** Watches that can be cut, held up, repeated, and served from a state that is over. */
export class WatchFaults implements Source {
  /** Every event is delivered this many times. */
  copies = 1;
  readonly #api: Source;
  #cut = new AbortController();
  #held: PromiseWithResolvers<void> | undefined;
  /** What a server that has fallen behind takes for the present. */
  #past: Snapshot | undefined;

  constructor(api: Source) {
    this.#api = api;
  }

  /** Ends every open watch with `error`; the next ones are as ever. */
  end(error: Error): void {
    this.#cut.abort(error);
    this.#cut = new AbortController();
  }

  /** Nothing arrives until {@link release}: the caches grow old. */
  hold(): void {
    this.#held ??= Promise.withResolvers<void>();
  }

  release(): void {
    this.#held?.resolve();
    this.#held = undefined;
    this.#past = undefined;
  }

  /** From now on new watches of the kinds in `past` begin with it, and hear of nothing later until {@link release}. */
  fallBehind(past: Snapshot): void {
    this.#past = past;
    this.hold();
  }

  list<T extends KubeObject>(resource: Resource<T>, options?: ListOptions): AsyncIterable<ListPage<T>> {
    return this.#api.list(resource, options);
  }

  async *watch<T extends KubeObject>(
    resource: Resource<T>,
    options: WatchOptions,
    signal: AbortSignal,
  ): AsyncGenerator<WatchEvent<T>, void, undefined> {
    const ended = AbortSignal.any([signal, this.#cut.signal]);
    const past = options.sendInitialEvents === true ? this.#past?.get(resource.plural) : undefined;
    if (past === undefined) {
      yield* this.#live(resource, options, ended);
      return;
    }
    for (const object of past.items.filter((item) => isSelected(item, options))) {
      yield { type: 'ADDED', object: object as T };
    }
    yield { type: 'BOOKMARK', resourceVersion: past.version, initialEventsEnd: true };
    const { sendInitialEvents: _, ...rest } = options;
    yield* this.#live(resource, { ...rest, resourceVersion: past.version }, ended);
  }

  async *#live<T extends KubeObject>(
    resource: Resource<T>,
    options: WatchOptions,
    ended: AbortSignal,
  ): AsyncGenerator<WatchEvent<T>, void, undefined> {
    let isInitial = options.sendInitialEvents === true;
    for await (const event of this.#api.watch(resource, options, ended)) {
      if (!isInitial) {
        await this.#pass(resource, ended);
      }
      isInitial &&= !(event.type === 'BOOKMARK' && event.initialEventsEnd);
      for (let copy = 0; copy < this.copies; copy++) {
        yield event;
      }
    }
  }

  async #pass(resource: Resource, ended: AbortSignal): Promise<void> {
    if (this.#held === undefined || this.#past?.has(resource.plural) === false) {
      return;
    }
    const { promise, reject } = Promise.withResolvers<never>();
    const leave = (): void => {
      reject(ended.reason as Error);
    };
    ended.addEventListener('abort', leave, { once: true });
    try {
      await Promise.race([this.#held.promise, promise]);
      ended.throwIfAborted();
    } finally {
      ended.removeEventListener('abort', leave);
    }
  }
}

/** What the server says to whoever watches from a version that it has forgotten. */
export const expired = new StatusError({ code: 410, reason: 'Expired', message: 'too old resource version' });

/** All objects of the kinds, for {@link WatchFaults.fallBehind}. */
export async function takeSnapshot(api: Source, kinds: readonly Resource[]): Promise<Snapshot> {
  const snapshot = new Map<string, { items: readonly KubeObject[]; version: string }>();
  for (const resource of kinds) {
    for await (const { items, resourceVersion } of api.list(resource)) {
      snapshot.set(resource.plural, { items, version: resourceVersion });
    }
  }
  return snapshot;
}

/** The operator selects by the presence of one label. */
function isSelected({ metadata }: KubeObject, { labelSelector, namespace }: WatchOptions): boolean {
  const isLabelled = labelSelector === undefined || metadata.labels?.[labelSelector] !== undefined;
  return isLabelled && (namespace === undefined || metadata.namespace === namespace);
}
