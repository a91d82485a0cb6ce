import { isTrue } from '../../../lib/api/conditions.ts';
import { functionDefaults } from '../../../lib/api/defaults.ts';
import type { FunctionObject, TrafficTarget } from '../../../lib/api/function.ts';
import type { Failure } from '../../../lib/api/reasons.ts';
import type { Revision } from '../../../lib/api/revision.ts';

/** What is known about a function when it is looked at. */
export interface Situation {
  readonly fn: FunctionObject;
  /** All Revisions of it, in any order. */
  readonly revisions: readonly Revision[];
  /** The Revision that the present spec asks for; undefined while there can be none. */
  readonly latest: Revision | undefined;
  /** Why there is none. */
  readonly missing: Failure | undefined;
  /** A changed Runtime makes another Revision of it when it is this function's turn. */
  readonly isWaiting?: boolean;
  /** Why its Service is not there: somebody else's is, or the server refuses it. */
  readonly unrouted: Failure | undefined;
}

export interface TrafficDecision {
  readonly traffic: readonly TrafficTarget[];
  /** The one that serves. */
  readonly latestReadyRevision: string | undefined;
}

/**
 * Traffic goes to the latest Revision as soon as that is ready, and until then stays where it is. Should the one that had it
 * be gone, the newest that was ever ready takes its place.
 */
export function decideTraffic({ fn, revisions, latest }: Situation): TrafficDecision {
  const ready = revisions.filter(isReady).toSorted(byAge).reverse();
  const preferred = [latest?.metadata.name, ...(fn.status?.traffic ?? []).map(({ revisionName }) => revisionName)];
  const kept = preferred.find((name) => ready.some(({ metadata }) => metadata.name === name));
  const serving = kept ?? ready[0]?.metadata.name;
  return {
    traffic: serving === undefined ? [] : [{ revisionName: serving, percent: 100 }],
    latestReadyRevision: serving,
  };
}

/**
 * The Revisions to remove, oldest first: those beyond the history limit, and those that were superseded before they ever
 * ran. Nothing can be rolled back to the latter, and a broken one would go on crashing; content that comes back is made, and
 * proven, anew. Never one that serves or is the latest; none at all while it is unclear which is the latest.
 */
export function decideSurplus({ fn, revisions, latest }: Situation, decision: TrafficDecision): readonly Revision[] {
  if (latest === undefined) {
    return [];
  }
  const kept = [latest.metadata.name, decision.latestReadyRevision, ...decision.traffic.map((to) => to.revisionName)];
  const others = revisions
    .filter(({ metadata }) => !kept.includes(metadata.name) && metadata.deletionTimestamp === undefined)
    .toSorted(byAge);
  const history = others.filter(isReady);
  const limit = fn.spec.revisionHistoryLimit ?? functionDefaults.revisionHistoryLimit;
  const forgotten = history.slice(0, Math.max(0, history.length - limit));
  return others.filter((revision) => !isReady(revision) || forgotten.includes(revision));
}

export function isReady(revision: Revision): boolean {
  return isTrue(revision.status?.conditions, 'Ready');
}

/** Oldest first; by name within the second that creation times are exact to. */
export function byAge(a: Revision, b: Revision): number {
  return bornAt(a) - bornAt(b) || (a.metadata.name < b.metadata.name ? -1 : 1);
}

function bornAt({ metadata }: Revision): number {
  return Date.parse(metadata.creationTimestamp ?? '') || 0;
}
