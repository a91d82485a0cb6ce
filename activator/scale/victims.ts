import type { Replica } from '../replicas/replica.ts';

/**
 * Which replicas go first. Those that do not serve: a ReplicaSet removes Pods that are not Ready before any other,
 * whatever their deletion cost, so anything else would be a wish. Then the least loaded, then the youngest, whose
 * caches are coldest.
 */
export function chooseVictims(replicas: Iterable<Replica>, count: number, now: number): readonly Replica[] {
  return [...replicas]
    .filter((replica) => replica.isServing && replica.spareUntil <= now)
    .sort(
      (a, b) =>
        Number(a.pod.ready) - Number(b.pod.ready) ||
        a.inFlight - b.inFlight ||
        (b.usableAt ?? Infinity) - (a.usableAt ?? Infinity) ||
        0,
    )
    .slice(0, Math.max(0, count));
}

/**
 * Who goes when the scale is lowered by `count` and the `idle` ones that are Ready are marked. One that is not Ready goes
 * in the place of one that is, whether it was chosen or not.
 * @returns undefined when somebody would go who serves, as one may that the kubelet does not call Ready yet.
 */
export function predictRemoval(
  replicas: readonly Replica[],
  idle: readonly Replica[],
  count: number,
): readonly Replica[] | undefined {
  const unready = replicas.filter((replica) => !replica.pod.ready && replica.state !== 'retired');
  if (unready.some((replica) => replica.inFlight > 0 || replica.isInRotation)) {
    return undefined;
  }
  return [...unready, ...idle.filter((replica) => replica.pod.ready)].slice(0, count);
}
