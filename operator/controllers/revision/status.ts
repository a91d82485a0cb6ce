import { failureOf } from '../../../lib/api/pod-failure.ts';
import { type DesiredCondition, findCondition, isTrue, mergeConditions } from '../../../lib/api/conditions.ts';
import type { Failure } from '../../../lib/api/reasons.ts';
import type { Revision, RevisionStatus } from '../../../lib/api/revision.ts';
import type { Condition, Deployment, Pod } from '../../../lib/kube/objects.ts';

export interface RevisionSituation {
  readonly revision: Revision;
  readonly deployment: Deployment | undefined;
  readonly pods: readonly Pod[];
  /** With 0 nothing has to be proven. */
  readonly initialReplicas: number;
  /** The API server refused the Deployment. */
  readonly refused: Failure | undefined;
  /** RFC 3339 */
  readonly now: string;
}

export function makeRevisionStatus(situation: RevisionSituation): RevisionStatus {
  const { revision, pods } = situation;
  const replicas = pods.filter(isReady).length;
  const desired = [makeReady(situation, replicas), makeActive(replicas)].map((condition) => ({
    ...condition,
    observedGeneration: revision.metadata.generation ?? 0,
  }));
  return {
    ...(revision.status?.coldStart === undefined ? {} : { coldStart: revision.status.coldStart }),
    observedGeneration: revision.metadata.generation ?? 0,
    conditions: mergeConditions(revision.status?.conditions ?? [], desired, situation.now),
    replicas,
  };
}

/** Proven once is proven for good: at zero, and while a later replica fails, the Revision stays ready. */
function makeReady(situation: RevisionSituation, replicas: number): DesiredCondition {
  const { revision, refused, initialReplicas } = situation;
  if (isTrue(revision.status?.conditions, 'Ready')) {
    return { type: 'Ready', status: 'True', reason: 'Proven', message: 'a replica was ready' };
  }
  const failure = refused ?? failureOfPods(situation);
  if (replicas > 0) {
    return { type: 'Ready', status: 'True', reason: 'Proven', message: 'a replica was ready' };
  }
  if (failure !== undefined) {
    return { type: 'Ready', status: 'False', ...failure };
  }
  return initialReplicas === 0 && situation.deployment !== undefined
    ? {
        type: 'Ready',
        status: 'True',
        reason: 'Unproven',
        message: 'initialReplicas is 0: the first request proves it',
      }
    : { type: 'Ready', status: 'Unknown', reason: 'Starting', message: 'no replica was ready yet' };
}

function failureOfPods(situation: RevisionSituation): Failure | undefined {
  const failures = situation.pods.map(failureOf);
  return (
    failures.find((failure) => failure !== undefined) ?? quotaFailure(situation) ?? failureBeforeRestart(situation)
  );
}

/** No Pod at all could be made. */
function quotaFailure({ deployment }: RevisionSituation): Failure | undefined {
  const failed = findCondition(deployment?.status?.conditions as Condition[] | undefined, 'ReplicaFailure');
  return failed?.status === 'True' ? { reason: 'QuotaExceeded', message: failed.message } : undefined;
}

/** A crashed container that starts again says nothing for a moment: what it said before still holds. */
function failureBeforeRestart({ pods, revision }: RevisionSituation): Failure | undefined {
  const before = findCondition(revision.status?.conditions, 'Ready');
  const isRestarting = pods.some((pod) => pod.status?.containerStatuses?.some((status) => status.restartCount > 0));
  return before?.status === 'False' && isRestarting
    ? { reason: before.reason as Failure['reason'], message: before.message }
    : undefined;
}

function makeActive(replicas: number): DesiredCondition {
  return replicas > 0
    ? { type: 'Active', status: 'True', reason: 'Running', message: 'replicas are running' }
    : { type: 'Active', status: 'False', reason: 'ScaledToZero', message: 'nothing runs' };
}

function isReady(pod: Pod): boolean {
  return (
    pod.metadata.deletionTimestamp === undefined && isTrue(pod.status?.conditions as Condition[] | undefined, 'Ready')
  );
}
