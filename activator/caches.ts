import type { FunctionObject } from '../lib/api/function.ts';
import { labels } from '../lib/api/names.ts';
import { functions, revisions } from '../lib/api/resources.ts';
import type { Revision } from '../lib/api/revision.ts';
import type { Pod } from '../lib/kube/objects.ts';
import { pods } from '../lib/kube/resources.ts';
import { type FilledCache, ScopedCache, type ScopedCacheDeps } from '../lib/kube/scoped-cache.ts';
import { makeSlimSource } from '../lib/kube/slim-source.ts';
import { slimObject } from './slim-objects.ts';

/** Local copies of all that a request's way needs. */
export interface Caches {
  readonly functions: ScopedCache<FunctionObject>;
  readonly revisions: ScopedCache<Revision>;
  /** Of functions only. */
  readonly pods: ScopedCache<Pod>;
}

export function makeCaches({ namespaces, ...deps }: ScopedCacheDeps): Caches {
  const options = { ...deps, client: makeSlimSource(deps.client, slimObject) };
  return {
    functions: new ScopedCache({ ...options, resource: functions }, namespaces),
    revisions: new ScopedCache({ ...options, resource: revisions }, namespaces),
    pods: new ScopedCache({ ...options, resource: pods, labelSelector: labels.function }, namespaces),
  };
}

export function allCaches({ functions, revisions, pods }: Caches): readonly FilledCache[] {
  return [functions, revisions, pods];
}
