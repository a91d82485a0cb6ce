import type { FunctionObject } from '../lib/api/function.ts';
import { labels } from '../lib/api/names.ts';
import { functions, revisions, runtimes } from '../lib/api/resources.ts';
import type { Revision } from '../lib/api/revision.ts';
import type { Runtime } from '../lib/api/runtime.ts';
import type { Deployment, KubeObject, Pod, Service } from '../lib/kube/objects.ts';
import { deployments, pods, type Resource, services } from '../lib/kube/resources.ts';
import { type FilledCache, ScopedCache, type ScopedCacheDeps } from '../lib/kube/scoped-cache.ts';
import { makeSlimSource } from '../lib/kube/slim-source.ts';
import { byLabel, byOwnerUid, type Indexer, makeKey } from '../lib/kube/store.ts';
import { type CachedConfigMap, cachedConfigMaps, slimObject } from './cached-objects.ts';
import { updatedRuntimeOf } from './controllers/function/runtime-update.ts';

/** Local copies of all that reconcilers read, with the indexes by which they and their triggers look things up. */
export interface Caches {
  /** By `runtime` (name) and `configMap` (`namespace/name`). */
  readonly functions: ScopedCache<FunctionObject>;
  /** By `owner` (uid) and `runtimeUpdate` (the Runtime that it is under way with). */
  readonly revisions: ScopedCache<Revision>;
  readonly runtimes: ScopedCache<Runtime>;
  readonly deployments: ScopedCache<Deployment>;
  /** By `revision` (label). */
  readonly pods: ScopedCache<Pod>;
  readonly configMaps: ScopedCache<CachedConfigMap>;
  readonly services: ScopedCache<Service>;
}

export function makeCaches(deps: ScopedCacheDeps): Caches {
  const options = { ...deps, client: makeSlimSource(deps.client, slimObject) };
  const make = <T extends KubeObject>(
    resource: Resource<T>,
    { labelSelector, indexers = {} }: CacheOptions<T> = {},
  ): ScopedCache<T> =>
    new ScopedCache<T>(
      { ...options, resource, indexers, ...(labelSelector === undefined ? {} : { labelSelector }) },
      resource.namespaced ? deps.namespaces : [],
    );
  return {
    functions: make(functions, { indexers: { runtime: byRuntime, configMap: byConfigMap } }),
    revisions: make(revisions, { indexers: { owner: byOwnerUid, runtimeUpdate: byRuntimeUpdate } }),
    runtimes: make(runtimes),
    deployments: make(deployments, { labelSelector: labels.function }),
    pods: make(pods, { labelSelector: labels.function, indexers: { revision: byLabel(labels.revision) } }),
    // Users' ConfigMaps with code, and Services that stand in a function's way, carry no label of ours.
    configMaps: make(cachedConfigMaps),
    services: make(services),
  };
}

export function allCaches(caches: Caches): readonly FilledCache[] {
  const { functions, revisions, runtimes, deployments, pods, configMaps, services } = caches;
  return [functions, revisions, runtimes, deployments, pods, configMaps, services];
}

interface CacheOptions<T extends KubeObject> {
  readonly labelSelector?: string;
  readonly indexers?: Readonly<Record<string, Indexer<T>>>;
}

const byRuntime: Indexer<FunctionObject> = ({ spec }) => (spec.runtime === undefined ? [] : [spec.runtime]);

const byConfigMap: Indexer<FunctionObject> = ({ spec, metadata }) =>
  spec.source.configMap === undefined ? [] : [makeKey(metadata.namespace, spec.source.configMap.name)];

const byRuntimeUpdate: Indexer<Revision> = (revision) => {
  const runtime = updatedRuntimeOf(revision);
  return runtime === undefined ? [] : [runtime];
};
