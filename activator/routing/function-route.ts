import { findCondition } from '../../lib/api/conditions.ts';
import type { FunctionObject } from '../../lib/api/function.ts';
import { type Failure, failureReasons } from '../../lib/api/reasons.ts';
import type { Revision } from '../../lib/api/revision.ts';
import { keyOf } from '../../lib/kube/store.ts';
import type { FunctionRoute, RevisionTarget } from './route.ts';
import { compileSettings } from './settings.ts';

/** @param name of a Revision in the namespace of the Function. */
export type RevisionLookup = (name: string) => Revision | undefined;

/** What the data path has to know of a Function and the Revisions that its status names. */
export function makeRoute(fn: FunctionObject, revisionOf: RevisionLookup): FunctionRoute {
  const targets = makeTargets(fn, revisionOf);
  return {
    key: keyOf(fn),
    namespace: fn.metadata.namespace ?? '',
    name: fn.metadata.name,
    settings: compileSettings(fn.spec),
    targets,
    latestCreatedRevision: fn.status?.latestCreatedRevision,
    // Traffic that names a Revision not seen yet will be served in a moment.
    failure: (fn.status?.traffic ?? []).length > 0 ? undefined : failureOf(fn),
  };
}

/** A Revision that was not seen yet is left out: without its limit no request may go to it. */
function makeTargets(fn: FunctionObject, revisionOf: RevisionLookup): readonly RevisionTarget[] {
  return (fn.status?.traffic ?? []).flatMap(({ revisionName, percent }) => {
    const revision = revisionOf(revisionName);
    if (revision === undefined || percent <= 0) {
      return [];
    }
    const { concurrency, protocol } = revision.spec;
    return [{ revisionName, percent, concurrencyLimit: concurrency?.limit ?? 0, protocol }];
  });
}

/** What is said of an older generation is no reason to refuse requests for the one that may repair it. */
function failureOf(fn: FunctionObject): Failure | undefined {
  const ready = findCondition(fn.status?.conditions, 'Ready');
  const isCurrent = ready?.observedGeneration === undefined || ready.observedGeneration === fn.metadata.generation;
  if (ready?.status !== 'False' || !isCurrent) {
    return undefined;
  }
  const reason = failureReasons.find((known) => known === ready.reason);
  return reason === undefined ? undefined : { reason, message: ready.message };
}
