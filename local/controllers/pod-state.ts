import { findCondition } from '../../lib/api/conditions.ts';
import type { Pod } from '../../lib/kube/objects.ts';
import { isFinished } from '../../lib/kube/pod-phase.ts';

/** Counts towards its ReplicaSet: neither finished nor being deleted. */
export function isActive(pod: Pod): boolean {
  return !isFinished(pod) && pod.metadata.deletionTimestamp === undefined;
}

/** Milliseconds since the epoch at which the pod became Ready; undefined while it is not. */
export function readySince(pod: Pod): number | undefined {
  const ready = findCondition(pod.status?.conditions, 'Ready');
  if (ready?.status !== 'True') {
    return undefined;
  }
  return Date.parse(ready.lastTransitionTime ?? pod.metadata.creationTimestamp ?? '') || 0;
}

/** How long until the pod has been Ready for `minReadySeconds`: 0 when it is available, undefined when it is not Ready. */
export function msUntilAvailable(pod: Pod, minReadySeconds: number, now: number): number | undefined {
  const since = readySince(pod);
  if (since === undefined || minReadySeconds === 0) {
    return since === undefined ? undefined : 0;
  }
  return Math.max(0, since + minReadySeconds * 1000 - now);
}

export function restartsOf(pod: Pod): number {
  return (pod.status?.containerStatuses ?? []).reduce((sum, { restartCount }) => sum + restartCount, 0);
}
