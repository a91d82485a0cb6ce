import type { FunctionObject } from '../lib/api/function.ts';
import { labels } from '../lib/api/names.ts';
import { functions, revisions } from '../lib/api/resources.ts';
import type { Revision } from '../lib/api/revision.ts';
import type { Clock, Random } from '../lib/clock.ts';
import type { Pod } from '../lib/kube/objects.ts';
import type { ReflectorMetrics } from '../lib/kube/reflector.ts';
import { pods } from '../lib/kube/resources.ts';
import { ScopedCache } from '../lib/kube/scoped-cache.ts';
import { makeSlimSource, type ObjectSource } from '../lib/kube/slim-source.ts';
import type { Runnable } from '../lib/lifecycle.ts';
import type { Logger } from '../lib/log.ts';
import { slimObject } from './slim-objects.ts';

export interface CachesDeps {
  readonly client: ObjectSource;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly metrics: ReflectorMetrics;
  /** None are all of them. */
  readonly namespaces: readonly string[];
}

/** Local copies of all that a request's way needs. */
export interface Caches {
  readonly functions: ScopedCache<FunctionObject>;
  readonly revisions: ScopedCache<Revision>;
  /** Of functions only. */
  readonly pods: ScopedCache<Pod>;
}

export function makeCaches({ namespaces, ...deps }: CachesDeps): Caches {
  const options = { ...deps, client: makeSlimSource(deps.client, slimObject) };
  return {
    functions: new ScopedCache({ ...options, resource: functions }, namespaces),
    revisions: new ScopedCache({ ...options, resource: revisions }, namespaces),
    pods: new ScopedCache({ ...options, resource: pods, labelSelector: labels.function }, namespaces),
  };
}

/** A cache as a part of the process. */
export interface FilledCache extends Runnable {
  readonly hasSynced: boolean;
  readonly synced: Promise<void>;
}

export function allCaches({ functions, revisions, pods }: Caches): readonly FilledCache[] {
  return [functions, revisions, pods];
}
