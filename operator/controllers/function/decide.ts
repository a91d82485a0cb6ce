import { functionDefaults } from '../../../lib/api/defaults.ts';
import { findCondition, isTrue } from '../../../lib/api/conditions.ts';
import type { FunctionObject, TrafficTarget } from '../../../lib/api/function.ts';
import type { Failure } from '../../../lib/api/reasons.ts';
import { failureReasons } from '../../../lib/api/reasons.ts';
import type { Revision } from '../../../lib/api/revision.ts';

/** What is known about a function when it is looked at. */
export interface Situation {
  readonly fn: FunctionObject;
  /** All Revisions of it, in any order. */
  readonly revisions: readonly Revision[];
  /** The Revision of the present spec; undefined when something for it is missing. */
  readonly latest: Revision | undefined;
  /** What is missing. */
  readonly missing: Failure | undefined;
}

export interface TrafficDecision {
  readonly traffic: readonly TrafficTarget[];
  readonly latestReadyRevision: string | undefined;
}

/**
 * Traffic goes to the latest Revision as soon as it is ready, and until then stays where it is. What is not there any
 * more gets none.
 */
export function decideTraffic({ fn, revisions, latest }: Situation): TrafficDecision {
  const isReady = (name: string | undefined): boolean =>
    revisions.some((revision) => revision.metadata.name === name && isTrue(revision.status?.conditions, 'Ready'));
  const candidates = [latest?.metadata.name, fn.status?.traffic?.[0]?.revisionName, fn.status?.latestReadyRevision];
  const serving = candidates.find((name) => isReady(name));
  return {
    traffic: serving === undefined ? [] : [{ revisionName: serving, percent: 100 }],
    latestReadyRevision: serving,
  };
}

/**
 * The Revisions beyond the history limit, oldest first. Never one that serves or is the latest, nor what is on its way out.
 */
export function decideSurplus(situation: Situation, { traffic, latestReadyRevision }: TrafficDecision): Revision[] {
  const kept = new Set([
    situation.latest?.metadata.name,
    latestReadyRevision,
    ...traffic.map((target) => target.revisionName),
  ]);
  const limit = situation.fn.spec.revisionHistoryLimit ?? functionDefaults.revisionHistoryLimit;
  const others = situation.revisions
    .filter((revision) => !kept.has(revision.metadata.name) && revision.metadata.deletionTimestamp === undefined)
    .toSorted((a, b) => age(a) - age(b) || (a.metadata.name < b.metadata.name ? -1 : 1));
  return others.slice(0, Math.max(0, others.length - limit));
}

function age(revision: Revision): number {
  return Date.parse(revision.metadata.creationTimestamp ?? '');
}

/** Why the latest Revision is not ready, if it failed. */
export function failureOfRevision(revision: Revision | undefined): Failure | undefined {
  const condition = findCondition(revision?.status?.conditions, 'Ready');
  const reason = failureReasons.find((candidate) => candidate === condition?.reason);
  return condition?.status === 'False' && reason !== undefined ? { reason, message: condition.message } : undefined;
}
