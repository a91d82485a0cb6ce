import { findCondition } from '../../../lib/api/conditions.ts';
import type { Deployment, ReplicaSet } from '../../../lib/kube/objects.ts';
import { rfc3339 } from '../../../lib/kube/time.ts';
import { strategyOf } from './rollout.ts';

type Status = NonNullable<Deployment['status']>;
type Condition = NonNullable<Status['conditions']>[number];

export interface StatusInput {
  readonly deployment: Deployment;
  readonly newSet: ReplicaSet | undefined;
  /** The new set was made just now. */
  readonly isNewSetCreated: boolean;
  readonly oldSets: readonly ReplicaSet[];
  /** Milliseconds since the epoch. */
  readonly now: number;
}

export interface StatusDecision {
  readonly status: Status;
  /** When the progress deadline passes, while it runs. */
  readonly recheckMs: number | undefined;
}

export function makeDeploymentStatus(input: StatusInput): StatusDecision {
  const { deployment, newSet, oldSets } = input;
  const sets = newSet === undefined ? oldSets : [newSet, ...oldSets];
  const replicas = total(sets, 'replicas');
  const available = total(sets, 'availableReplicas');
  const wanted = sets.reduce((sum, { spec }) => sum + (spec.replicas ?? 0), 0);
  const counts = {
    observedGeneration: deployment.metadata.generation ?? 0,
    replicas,
    updatedReplicas: newSet?.status?.replicas ?? 0,
    readyReplicas: total(sets, 'readyReplicas'),
    availableReplicas: available,
    unavailableReplicas: Math.max(0, wanted - available),
    terminatingReplicas: total(sets, 'terminatingReplicas'),
  };
  const progress = decideProgress(input, counts);
  const conditions = [
    makeAvailable(deployment, available),
    ...(progress === undefined ? [] : [progress]),
    ...makeReplicaFailure(sets),
  ].map((condition) => stamp(condition, deployment.status?.conditions ?? [], input.now));
  return { status: { ...counts, conditions }, recheckMs: recheckMs(deployment, conditions, input.now) };
}

type Counts = Required<
  Pick<Status, 'replicas' | 'updatedReplicas' | 'readyReplicas' | 'availableReplicas' | 'observedGeneration'>
>;
/** A condition whose moments are still to be set. */
type Draft = Pick<Condition, 'type' | 'status'> & { reason: string; message: string; hasProgressed?: boolean };

function total(
  sets: readonly ReplicaSet[],
  field: 'replicas' | 'availableReplicas' | 'readyReplicas' | 'terminatingReplicas',
): number {
  return sets.reduce((sum, set) => sum + (set.status?.[field] ?? 0), 0);
}

function makeAvailable(deployment: Deployment, available: number): Draft {
  const strategy = strategyOf(deployment);
  const maxUnavailable = strategy.kind === 'Recreate' ? 0 : strategy.maxUnavailable;
  return available >= (deployment.spec.replicas ?? 1) - maxUnavailable
    ? {
        type: 'Available',
        status: 'True',
        reason: 'MinimumReplicasAvailable',
        message: 'Deployment has minimum availability.',
      }
    : {
        type: 'Available',
        status: 'False',
        reason: 'MinimumReplicasUnavailable',
        message: 'Deployment does not have minimum availability.',
      };
}

function makeReplicaFailure(sets: readonly ReplicaSet[]): Draft[] {
  const failure = sets
    .flatMap(({ status }) => status?.conditions ?? [])
    .find(({ type, status }) => type === 'ReplicaFailure' && status === 'True');
  return failure === undefined
    ? []
    : [{ type: 'ReplicaFailure', status: 'True', reason: failure.reason ?? '', message: failure.message ?? '' }];
}

/**
 * Progressing goes NewReplicaSetCreated or FoundNewReplicaSet → ReplicaSetUpdated → NewReplicaSetAvailable, or to
 * ProgressDeadlineExceeded when nothing moved for too long. Once complete it stays so through later scaling: only a new
 * template starts it again.
 */
function decideProgress(input: StatusInput, counts: Counts): Draft | undefined {
  const { deployment, newSet } = input;
  const before = findProgress(deployment.status?.conditions);
  if (
    newSet === undefined ||
    (isDone(before) && !input.isNewSetCreated && counts.updatedReplicas === counts.replicas)
  ) {
    return before === undefined ? undefined : draftOf(before);
  }
  const { name } = newSet.metadata;
  if (input.isNewSetCreated) {
    return progressing('True', 'NewReplicaSetCreated', `Created new replica set "${name}"`, true);
  }
  if (isComplete(deployment, counts)) {
    const message = `ReplicaSet "${name}" has successfully progressed.`;
    return progressing('True', 'NewReplicaSetAvailable', message, !isDone(before));
  }
  return before === undefined
    ? progressing('True', 'FoundNewReplicaSet', `Found new replica set "${name}"`, true)
    : decideUnfinished(input, before, counts);
}

function decideUnfinished({ deployment, newSet, now }: StatusInput, before: Condition, counts: Counts): Draft {
  const name = newSet?.metadata.name ?? '';
  if (hasProgressed(deployment.status, counts)) {
    return progressing('True', 'ReplicaSetUpdated', `ReplicaSet "${name}" is progressing.`, true);
  }
  return deadlineMs(deployment, before, now) === 0
    ? progressing('False', 'ProgressDeadlineExceeded', `ReplicaSet "${name}" has timed out progressing.`, false)
    : draftOf(before);
}

function progressing(status: 'True' | 'False', reason: string, message: string, hasProgressed: boolean): Draft {
  return { type: 'Progressing', status, reason, message, hasProgressed };
}

function draftOf({ type, status, reason = '', message = '' }: Condition): Draft {
  return { type, status, reason, message };
}

function findProgress(conditions: readonly Condition[] | undefined): Condition | undefined {
  return findCondition(conditions, 'Progressing');
}

function isDone(condition: Condition | undefined): boolean {
  return condition?.reason === 'NewReplicaSetAvailable';
}

function isComplete(deployment: Deployment, counts: Counts): boolean {
  const desired = deployment.spec.replicas ?? 1;
  return counts.updatedReplicas === desired && counts.replicas === desired && counts.availableReplicas === desired;
}

function hasProgressed(before: Status | undefined, counts: Counts): boolean {
  const { replicas = 0, updatedReplicas = 0, readyReplicas = 0, availableReplicas = 0 } = before ?? {};
  return (
    counts.updatedReplicas > updatedReplicas ||
    counts.replicas - counts.updatedReplicas < replicas - updatedReplicas ||
    counts.readyReplicas > readyReplicas ||
    counts.availableReplicas > availableReplicas
  );
}

/** How much of the progress deadline is left: 0 when it has passed, undefined when it does not run. */
function deadlineMs(deployment: Deployment, condition: Condition, now: number): number | undefined {
  const seconds = deployment.spec.progressDeadlineSeconds ?? 600;
  const isRunning = condition.status === 'True' && !isDone(condition) && deployment.spec.paused !== true;
  if (condition.reason === 'ProgressDeadlineExceeded') {
    return 0;
  }
  // The largest 32-bit integer is Kubernetes' way of saying never.
  if (!isRunning || seconds >= 2 ** 31 - 1) {
    return undefined;
  }
  return Math.max(0, Date.parse(condition.lastUpdateTime ?? '') + seconds * 1000 - now);
}

function recheckMs(deployment: Deployment, conditions: readonly Condition[], now: number): number | undefined {
  const progress = findProgress(conditions);
  const left = progress?.status === 'True' ? deadlineMs(deployment, progress, now) : undefined;
  // Moments are whole seconds: one more makes sure that the deadline has passed then.
  return left === undefined ? undefined : left + 1000;
}

function stamp({ hasProgressed: progressed, ...draft }: Draft, current: readonly Condition[], now: number): Condition {
  const before = current.find(({ type }) => type === draft.type);
  const isSame = before?.status === draft.status;
  const isUntouched = isSame && before.reason === draft.reason && progressed !== true;
  return {
    ...draft,
    lastUpdateTime: (isUntouched ? before.lastUpdateTime : undefined) ?? rfc3339(now),
    lastTransitionTime: (isSame ? before.lastTransitionTime : undefined) ?? rfc3339(now),
  };
}
