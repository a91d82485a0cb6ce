import { type DesiredCondition, findCondition, isTrue, mergeConditions } from '../../../lib/api/conditions.ts';
import { failureOf } from '../../../lib/api/pod-failure.ts';
import { type Failure, failureReasons } from '../../../lib/api/reasons.ts';
import type { Revision, RevisionStatus } from '../../../lib/api/revision.ts';
import type { Deployment, Pod } from '../../../lib/kube/objects.ts';
import { isEnding } from '../../../lib/kube/pod-phase.ts';
import { refusalIn } from '../refusal.ts';
import { findExceededDeadline } from './progress-deadline.ts';

export interface RevisionSituation {
  readonly revision: Revision;
  readonly deployment: Deployment | undefined;
  readonly pods: readonly Pod[];
  /** With 0 nothing has to be proven. */
  readonly initialReplicas: number;
  /** What is known to be wrong before any Pod tells it. */
  readonly failure: Failure | undefined;
  /** RFC 3339 */
  readonly now: string;
}

export const conditionTypes = ['Ready', 'Active'] as const;

/** The operator's part of the status; the activator adds how cold starts went. */
export function makeRevisionStatus(situation: RevisionSituation): RevisionStatus {
  const { revision, now } = situation;
  const observedGeneration = revision.metadata.generation ?? 0;
  const present = situation.pods.filter((pod) => !isEnding(pod));
  const replicas = present.filter(isReady).length;
  const failure = replicas > 0 ? undefined : findFailure(situation, present);
  const conditions = [makeReady(situation, { replicas, failure }), makeActive({ replicas, failure })];
  return {
    observedGeneration,
    conditions: mergeConditions(
      revision.status?.conditions ?? [],
      conditions.map((condition) => ({ ...condition, observedGeneration })),
      now,
    ),
    replicas,
  };
}

interface Finding {
  /** Ready ones. */
  readonly replicas: number;
  /** Why there is none. */
  readonly failure: Failure | undefined;
}

/**
 * Unknown => True when a replica was ready once, or => False with what keeps it from that, and back. Proven is proven for good:
 * at zero, and while replicas fail, a Revision stays True, and Active says what is wrong now.
 */
function makeReady(
  { revision, deployment, initialReplicas }: RevisionSituation,
  { replicas, failure }: Finding,
): DesiredCondition {
  const type = 'Ready';
  const before = findCondition(revision.status?.conditions, type);
  const proven = { type, status: 'True', reason: 'Proven', message: 'a replica was ready' } as const;
  if (replicas > 0) {
    return proven;
  }
  if (before?.status === 'True') {
    return { type, status: 'True', reason: before.reason, message: before.message };
  }
  if (failure !== undefined) {
    return { type, status: 'False', ...failure };
  }
  const isUnproven = initialReplicas === 0 && deployment !== undefined;
  const message = isUnproven ? 'initialReplicas is 0: the first request proves it' : 'no replica was ready yet';
  return isUnproven
    ? { type, status: 'True', reason: 'Unproven', message }
    : { type, status: 'Unknown', reason: 'Starting', message };
}

function makeActive({ replicas, failure }: Finding): DesiredCondition {
  const type = 'Active';
  if (failure !== undefined) {
    return { type, status: 'False', ...failure };
  }
  return replicas > 0
    ? { type, status: 'True', reason: 'Running', message: 'replicas are running' }
    : { type, status: 'False', reason: 'NoReplicas', message: 'no replica is ready' };
}

function findFailure(
  { failure: known, deployment, revision }: RevisionSituation,
  pods: readonly Pod[],
): Failure | undefined {
  return (
    known ??
    pods.map(failureOf).find((failure) => failure !== undefined) ??
    creationFailure(deployment) ??
    failureBeforeRestart(revision, pods) ??
    (isTrue(revision.status?.conditions, 'Ready') ? undefined : findExceededDeadline(revision, deployment, pods))
  );
}

/** Pods could not even be made: a quota, or a policy that refuses the template. */
function creationFailure(deployment: Deployment | undefined): Failure | undefined {
  const failed = findCondition(deployment?.status?.conditions, 'ReplicaFailure');
  return failed?.status === 'True' ? refusalIn(failed.message ?? '') : undefined;
}

/** A crashed container that starts again says nothing for a moment: what it said before still holds. */
function failureBeforeRestart(revision: Revision, pods: readonly Pod[]): Failure | undefined {
  const before = findCondition(revision.status?.conditions, 'Active');
  const reason = failureReasons.find((known) => known !== 'ProgressDeadlineExceeded' && known === before?.reason);
  const isRestarting = pods.some(({ status }) =>
    status?.containerStatuses?.some(({ restartCount }) => restartCount > 0),
  );
  return before !== undefined && reason !== undefined && isRestarting ? { reason, message: before.message } : undefined;
}

function isReady({ status }: Pod): boolean {
  return isTrue(status?.conditions, 'Ready');
}
