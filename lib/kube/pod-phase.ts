import type { Pod } from './objects.ts';

/** Nothing of it runs, or will run again; its object may stay for long. */
export function isFinished({ status }: Pod): boolean {
  return status?.phase === 'Succeeded' || status?.phase === 'Failed';
}

/**
 * Being deleted, or over: evicted, refused by its node, done. A ReplicaSet does not count such a Pod and has made another in
 * its place; its object may stay for days, as what an eviction leaves does.
 */
export function isEnding(pod: Pod): boolean {
  return pod.metadata.deletionTimestamp !== undefined || isFinished(pod);
}
