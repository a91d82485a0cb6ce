import type { KubeClient, ListPage, WatchEvent, WatchOptions } from '../../lib/kube/client.ts';
import type { KubeObject } from '../../lib/kube/objects.ts';
import type { Resource } from '../../lib/kube/resources.ts';
import { keyOf } from '../../lib/kube/store.ts';

type Listener = (event: WatchEvent<KubeObject>) => void;

/** Objects by kind behind lists and watches that never break, and scales that are only noted. */
export class FakeApi implements Pick<KubeClient, 'get' | 'list' | 'watch' | 'setScale' | 'mergePatch'> {
  readonly scales: { readonly name: string; readonly replicas: number }[] = [];
  /** Namespaces and selectors that were asked for, as `plural namespace selector`. */
  readonly asked: string[] = [];
  onScale: (name: string, replicas: number) => void = () => undefined;
  readonly #objects = new Map<string, KubeObject>();
  readonly #listeners = new Set<Listener>();

  put(object: KubeObject): void {
    const key = `${object.kind} ${keyOf(object)}`;
    const type = this.#objects.has(key) ? 'MODIFIED' : 'ADDED';
    this.#objects.set(key, object);
    this.#tell({ type, object });
  }

  delete(object: KubeObject): void {
    this.#objects.delete(`${object.kind} ${keyOf(object)}`);
    this.#tell({ type: 'DELETED', object });
  }

  get<T extends KubeObject>(resource: Resource<T>): Promise<T> {
    return Promise.reject(new Error(`nobody gets ${resource.plural} here`));
  }

  async *list<T extends KubeObject>(resource: Resource<T>): AsyncGenerator<ListPage<T>, void, undefined> {
    yield await Promise.resolve({ items: this.#of(resource), resourceVersion: '1' });
  }

  async *watch<T extends KubeObject>(
    resource: Resource<T>,
    options: WatchOptions,
    signal: AbortSignal,
  ): AsyncGenerator<WatchEvent<T>, void, undefined> {
    this.asked.push([resource.plural, options.namespace ?? '*', options.labelSelector ?? '*'].join(' '));
    const queue: WatchEvent<T>[] = this.#of(resource).map((object) => ({ type: 'ADDED', object }));
    queue.push({ type: 'BOOKMARK', resourceVersion: '1', initialEventsEnd: true });
    let wake = Promise.withResolvers<undefined>();
    const listener: Listener = (event) => {
      if (event.type !== 'BOOKMARK' && event.object.kind === resource.kind) {
        queue.push(event as WatchEvent<T>);
        wake.resolve(undefined);
      }
    };
    const stop = (): void => {
      wake.resolve(undefined);
    };
    this.#listeners.add(listener);
    signal.addEventListener('abort', stop, { once: true });
    while (!signal.aborted) {
      yield* queue.splice(0);
      await wake.promise;
      wake = Promise.withResolvers();
    }
    this.#listeners.delete(listener);
    signal.throwIfAborted();
  }

  setScale: KubeClient['setScale'] = (_resource, { name }, replicas) => {
    this.scales.push({ name, replicas });
    this.onScale(name, replicas);
    return Promise.resolve({ apiVersion: 'autoscaling/v1', kind: 'Scale', metadata: { name }, spec: { replicas } });
  };

  mergePatch<T extends KubeObject>(resource: Resource<T>): Promise<T> {
    return Promise.reject(new Error(`nobody patches ${resource.plural} here`));
  }

  #of<T extends KubeObject>({ kind }: Resource<T>): T[] {
    return [...this.#objects.values()].filter((object): object is T => object.kind === kind);
  }

  #tell(event: WatchEvent<KubeObject>): void {
    for (const listener of this.#listeners) {
      listener(event);
    }
  }
}
