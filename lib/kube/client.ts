import type { KubeObject, Scale } from './objects.ts';
import type { Resource } from './resources.ts';

/** Names one object. `namespace` is absent for cluster-scoped kinds. */
export interface ObjectName {
  readonly namespace?: string;
  readonly name: string;
}

interface CallOptions {
  readonly signal?: AbortSignal;
}

export interface WriteOptions extends CallOptions {
  /** Who owns the written fields; the component's name (`flint-operator`). */
  readonly fieldManager: string;
  readonly dryRun?: boolean;
}

export interface ApplyOptions extends WriteOptions {
  /** Take fields from other managers. Only for fields that are this component's alone. */
  readonly force?: boolean;
  readonly subresource?: 'status';
}

export interface UpdateOptions extends WriteOptions {
  /** `finalize`: of namespaces, their `spec.finalizers`. */
  readonly subresource?: 'finalize';
}

export interface PatchOptions extends WriteOptions {
  readonly subresource?: 'status' | 'scale' | 'resize';
}

export interface DeleteOptions extends CallOptions {
  /** The object must still be the one that was seen; otherwise `Conflict`. */
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly propagationPolicy?: 'Background' | 'Foreground' | 'Orphan';
  /** Pods only. 0 removes the object at once: the node's word that nothing of it runs any more. */
  readonly gracePeriodSeconds?: number;
}

export interface ListOptions extends CallOptions {
  /** Absent means every namespace. */
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  readonly resourceVersion?: string;
  /** Items a page; the default is 500. */
  readonly pageSize?: number;
}

export interface ListPage<T> {
  readonly items: readonly T[];
  readonly resourceVersion: string;
}

export interface WatchOptions {
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  readonly resourceVersion: string;
  /** WatchList: the server sends the present objects first, then a marked bookmark. */
  readonly sendInitialEvents?: boolean;
  /** After this many seconds the server ends the watch by itself. */
  readonly timeoutSeconds: number;
}

export type WatchEvent<T> =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: T }
  | { readonly type: 'BOOKMARK'; readonly resourceVersion: string; readonly initialEventsEnd: boolean };

/**
 * The Kubernetes API as Flint uses it. Every refusal is a `StatusError`; connection failures are what undici throws.
 * The one over HTTP is `createClient` in `http-client.ts`; `local/api/in-process-client.ts` asks the embedded API in this process.
 */
export interface KubeClient {
  get<T extends KubeObject>(resource: Resource<T>, name: ObjectName, options?: CallOptions): Promise<T>;
  /** Pages as they arrive, so that a long list never stalls the event loop in one piece. */
  list<T extends KubeObject>(resource: Resource<T>, options?: ListOptions): AsyncIterable<ListPage<T>>;
  /** Ends when the server ends it. An ERROR event inside the stream is thrown as `StatusError`. */
  watch<T extends KubeObject>(
    resource: Resource<T>,
    options: WatchOptions,
    signal: AbortSignal,
  ): AsyncIterable<WatchEvent<T>>;
  create<T extends KubeObject>(resource: Resource<T>, object: T, options: WriteOptions): Promise<T>;
  /** Server-side apply. `object` states exactly the fields the manager wants to own. */
  apply<T extends KubeObject>(resource: Resource<T>, object: KubeObject, options: ApplyOptions): Promise<T>;
  /** Optimistic whole-object write, for Leases and the end of namespaces only: fields this code does not know would be lost elsewhere. */
  update<T extends KubeObject>(resource: Resource<T>, object: T, options: UpdateOptions): Promise<T>;
  mergePatch<T extends KubeObject>(
    resource: Resource<T>,
    name: ObjectName,
    patch: object,
    options: PatchOptions,
  ): Promise<T>;
  jsonPatch<T extends KubeObject>(
    resource: Resource<T>,
    name: ObjectName,
    patch: readonly JsonPatchOperation[],
    options: PatchOptions,
  ): Promise<T>;
  delete(resource: Resource, name: ObjectName, options?: DeleteOptions): Promise<void>;
  getScale(resource: Resource, name: ObjectName, options?: CallOptions): Promise<Scale>;
  /** Merge-patches `spec.replicas` through the `scale` subresource. */
  setScale(resource: Resource, name: ObjectName, replicas: number, options: WriteOptions): Promise<Scale>;
}

export interface JsonPatchOperation {
  readonly op: 'add' | 'remove' | 'replace' | 'test';
  readonly path: string;
  readonly value?: unknown;
}
