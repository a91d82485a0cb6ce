import type {
  ApplyOptions,
  DeleteOptions,
  KubeClient,
  ListOptions,
  ListPage,
  ObjectName,
  PatchOptions,
  UpdateOptions,
  WatchEvent,
  WatchOptions,
  WriteOptions,
} from './client.ts';
import type { KubeObject, Scale } from './objects.ts';
import { collectionPath, objectPath, queryOf } from './paths.ts';
import { apiVersionOf, type Resource } from './resources.ts';
import { Transport, type TransportOptions } from './transport.ts';
import { readEvents, strip } from './watch.ts';

export interface HttpClient extends KubeClient {
  /** Ends all connections, watches included. */
  close(): Promise<void>;
}

const defaultPageSize = 500;

/** The Kubernetes API over HTTP. */
export function createClient(options: TransportOptions): HttpClient {
  const transport = new Transport(options);
  return {
    ...readers(transport),
    ...writers(transport),
    ...scalers(transport),
    watch: (resource, watchOptions, signal) => openWatch(transport, options, { resource, watchOptions, signal }),
    close: () => transport.close(),
  };
}

function readers(transport: Transport): Pick<KubeClient, 'get' | 'list'> {
  return {
    get: (resource, name, options = {}) =>
      transport.json({ method: 'GET', path: objectPath(resource, name), idempotent: true, ...options }),
    list: (resource, options = {}) => pages(transport, resource, options),
  };
}

interface WireList<T> {
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string };
  readonly items: readonly T[] | null;
}

async function* pages<T extends KubeObject>(
  transport: Transport,
  resource: Resource<T>,
  options: ListOptions,
): AsyncGenerator<ListPage<T>, void, undefined> {
  let next: string | undefined;
  do {
    const query = queryOf({
      limit: options.pageSize ?? defaultPageSize,
      labelSelector: options.labelSelector,
      fieldSelector: options.fieldSelector,
      resourceVersion: next === undefined ? options.resourceVersion : undefined,
      continue: next,
    });
    const list = await transport.json<WireList<T>>({
      method: 'GET',
      path: collectionPath(resource, options.namespace) + query,
      idempotent: true,
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
    // A server leaves apiVersion and kind out of the items of a list.
    const identity = { apiVersion: apiVersionOf(resource), kind: resource.kind };
    const items = (list.items ?? []).map((item) => strip({ ...item, ...identity }));
    yield { items, resourceVersion: list.metadata.resourceVersion };
    next = list.metadata.continue === '' ? undefined : list.metadata.continue;
  } while (next !== undefined);
}

interface WatchCall<T extends KubeObject> {
  readonly resource: Resource<T>;
  readonly watchOptions: WatchOptions;
  readonly signal: AbortSignal;
}

async function* openWatch<T extends KubeObject>(
  transport: Transport,
  { clock }: TransportOptions,
  { resource, watchOptions, signal }: WatchCall<T>,
): AsyncGenerator<WatchEvent<T>, void, undefined> {
  const initial = watchOptions.sendInitialEvents === true;
  const query = queryOf({
    watch: 1,
    allowWatchBookmarks: true,
    resourceVersion: watchOptions.resourceVersion,
    sendInitialEvents: initial ? true : undefined,
    resourceVersionMatch: initial ? 'NotOlderThan' : undefined,
    labelSelector: watchOptions.labelSelector,
    fieldSelector: watchOptions.fieldSelector,
    timeoutSeconds: watchOptions.timeoutSeconds,
  });
  const path = collectionPath(resource, watchOptions.namespace) + query;
  // Not retried here: the reflector has its own back-off, and knows what to ask for next.
  const response = await transport.open({ method: 'GET', path, idempotent: false, signal });
  yield* readEvents<T>(response.body, { clock, timeoutSeconds: watchOptions.timeoutSeconds });
}

function writers(
  transport: Transport,
): Pick<KubeClient, 'create' | 'apply' | 'update' | 'mergePatch' | 'jsonPatch' | 'delete'> {
  return {
    create: (resource, object, options) =>
      transport.json({
        method: 'POST',
        path: collectionPath(resource, object.metadata.namespace) + writeQuery(options),
        body: object,
        idempotent: false,
        ...signalOf(options),
      }),
    update: (resource, object, options) =>
      transport.json({
        method: 'PUT',
        path: objectPath(resource, object.metadata, options.subresource) + writeQuery(options),
        body: object,
        // It carries the version it replaces: a second one is refused.
        idempotent: false,
        ...signalOf(options),
      }),
    apply: (resource, object, options) =>
      transport.json({
        method: 'PATCH',
        path: objectPath(resource, object.metadata, options.subresource) + writeQuery(options),
        contentType: 'application/apply-patch+yaml',
        body: object,
        idempotent: true,
        ...signalOf(options),
      }),
    mergePatch: (resource, name, patch, options) =>
      transport.json({
        method: 'PATCH',
        path: objectPath(resource, name, options.subresource) + writeQuery(options),
        contentType: 'application/merge-patch+json',
        body: patch,
        idempotent: true,
        ...signalOf(options),
      }),
    jsonPatch: (resource, name, patch, options) =>
      transport.json({
        method: 'PATCH',
        path: objectPath(resource, name, options.subresource) + writeQuery(options),
        contentType: 'application/json-patch+json',
        body: patch,
        idempotent: false,
        ...signalOf(options),
      }),
    delete: async (resource, name, options = {}) => {
      await transport.json({
        method: 'DELETE',
        path: objectPath(resource, name),
        body: makeDeleteOptions(options),
        idempotent: true,
        ...signalOf(options),
      });
    },
  };
}

function scalers(transport: Transport): Pick<KubeClient, 'getScale' | 'setScale'> {
  return {
    getScale: (resource, name, options = {}) =>
      transport.json<Scale>({ method: 'GET', path: objectPath(resource, name, 'scale'), idempotent: true, ...options }),
    setScale: (resource: Resource, name: ObjectName, replicas: number, options: WriteOptions) =>
      transport.json<Scale>({
        method: 'PATCH',
        path: objectPath(resource, name, 'scale') + writeQuery(options),
        contentType: 'application/merge-patch+json',
        body: { spec: { replicas } },
        idempotent: true,
        ...signalOf(options),
      }),
  };
}

function makeDeleteOptions(options: DeleteOptions): object {
  const preconditions = {
    ...(options.uid === undefined ? {} : { uid: options.uid }),
    ...(options.resourceVersion === undefined ? {} : { resourceVersion: options.resourceVersion }),
  };
  return {
    apiVersion: 'v1',
    kind: 'DeleteOptions',
    propagationPolicy: options.propagationPolicy ?? 'Background',
    ...(options.gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds: options.gracePeriodSeconds }),
    ...(Object.keys(preconditions).length === 0 ? {} : { preconditions }),
  };
}

function writeQuery(options: ApplyOptions | PatchOptions | UpdateOptions): string {
  return queryOf({
    fieldManager: options.fieldManager,
    dryRun: options.dryRun === true ? 'All' : undefined,
    force: 'force' in options && options.force ? true : undefined,
  });
}

function signalOf(options: { readonly signal?: AbortSignal }): { readonly signal?: AbortSignal } {
  return options.signal === undefined ? {} : { signal: options.signal };
}
