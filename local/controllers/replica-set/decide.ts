import type { Pod } from '../../../lib/kube/objects.ts';
import { readySince, restartsOf } from '../pod-state.ts';

export type PodChange =
  | { readonly kind: 'none' }
  | { readonly kind: 'create'; readonly count: number }
  | { readonly kind: 'delete'; readonly pods: readonly Pod[] };

/** At most this many pods are created or deleted in one go; the rest follows with the next look. */
const burst = 500;

/** @param active the pods that count, see `isActive`. */
export function decidePods(wanted: number, active: readonly Pod[]): PodChange {
  const missing = wanted - active.length;
  if (missing > 0) {
    return { kind: 'create', count: Math.min(missing, burst) };
  }
  if (missing < 0) {
    const ranked = [...active].sort(compareForDeletion);
    return { kind: 'delete', pods: ranked.slice(0, Math.min(-missing, burst)) };
  }
  return { kind: 'none' };
}

const costAnnotation = 'controller.kubernetes.io/pod-deletion-cost';
const phaseRank: Readonly<Record<string, number>> = { Pending: 0, Unknown: 1, Running: 2 };

/** What a pod is compared by, most important first; of two pods the one with the lower number goes first. */
const criteria: readonly ((pod: Pod) => number)[] = [
  (pod) => (pod.spec.nodeName === undefined ? 0 : 1),
  (pod) => phaseRank[pod.status?.phase ?? 'Pending'] ?? 1,
  (pod) => (readySince(pod) === undefined ? 0 : 1),
  deletionCost,
  (pod) => -(readySince(pod) ?? 0),
  (pod) => -restartsOf(pod),
  (pod) => -Date.parse(pod.metadata.creationTimestamp ?? ''),
];

/**
 * Kubernetes' order of who is given up first: not assigned, Pending, not Ready, cheap by annotation, Ready for the
 * shortest time, restarted most often, youngest. (How many pods share a node counts there too; here it is one node.)
 */
export function compareForDeletion(a: Pod, b: Pod): number {
  for (const criterion of criteria) {
    const difference = criterion(a) - criterion(b);
    if (difference !== 0 && !Number.isNaN(difference)) {
      return difference;
    }
  }
  return a.metadata.name.localeCompare(b.metadata.name);
}

/** An annotation that is no 32-bit integer counts as none, as 0. */
function deletionCost(pod: Pod): number {
  const text = pod.metadata.annotations?.[costAnnotation] ?? '0';
  const cost = /^-?(0|[1-9][0-9]*)$/u.test(text) ? Number(text) : 0;
  return Math.abs(cost) <= 2 ** 31 - 1 ? cost : 0;
}
