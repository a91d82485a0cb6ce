import { findCondition } from '../../../lib/api/conditions.ts';
import type { Pod, ReplicaSet } from '../../../lib/kube/objects.ts';
import { isFinished } from '../../../lib/kube/pod-phase.ts';
import { isActive, msUntilAvailable, readySince } from '../pod-state.ts';
import { rfc3339 } from '../../../lib/kube/time.ts';

type Status = NonNullable<ReplicaSet['status']>;
type Condition = NonNullable<Status['conditions']>[number];

export interface StatusInput {
  readonly replicaSet: ReplicaSet;
  /** Every pod that the ReplicaSet controls. */
  readonly pods: readonly Pod[];
  /** Why pods could not be created or deleted this time. */
  readonly failure: { readonly reason: 'FailedCreate' | 'FailedDelete'; readonly message: string } | undefined;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

export interface StatusDecision {
  readonly status: Status;
  /** When a pod becomes available by time alone. */
  readonly recheckMs: number | undefined;
}

export function makeReplicaSetStatus({ replicaSet, pods, failure, now }: StatusInput): StatusDecision {
  const active = pods.filter(isActive);
  const templateLabels = Object.entries(replicaSet.spec.template?.metadata?.labels ?? {});
  const waits = active.map((pod) => msUntilAvailable(pod, replicaSet.spec.minReadySeconds ?? 0, now));
  const future = waits.filter((ms): ms is number => ms !== undefined && ms > 0);
  return {
    status: {
      replicas: active.length,
      fullyLabeledReplicas: active.filter((pod) =>
        templateLabels.every(([key, value]) => pod.metadata.labels?.[key] === value),
      ).length,
      readyReplicas: active.filter((pod) => readySince(pod) !== undefined).length,
      availableReplicas: waits.filter((ms) => ms === 0).length,
      terminatingReplicas: pods.filter((pod) => pod.metadata.deletionTimestamp !== undefined && !isFinished(pod))
        .length,
      observedGeneration: replicaSet.metadata.generation ?? 0,
      conditions: makeConditions(replicaSet, failure, now),
    },
    recheckMs: future.length === 0 ? undefined : Math.min(...future),
  };
}

/**
 * What failed first stays said until nothing fails: each attempt names another pod, and a status that changed with it would
 * be the cause of the next attempt.
 */
function makeConditions(replicaSet: ReplicaSet, failure: StatusInput['failure'], now: number): Condition[] {
  if (failure === undefined) {
    return [];
  }
  const before = findCondition(replicaSet.status?.conditions, 'ReplicaFailure');
  return before?.status === 'True'
    ? [before]
    : [{ type: 'ReplicaFailure', status: 'True', ...failure, lastTransitionTime: rfc3339(now) }];
}
