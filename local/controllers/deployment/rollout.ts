import type { Deployment } from '../../../lib/kube/objects.ts';

/** One ReplicaSet as the arithmetic sees it. */
export interface SetSize {
  readonly name: string;
  /** `spec.replicas`. */
  readonly replicas: number;
  /** `status.availableReplicas`. */
  readonly available: number;
}

export interface RolloutInput {
  readonly desired: number;
  readonly strategy: RolloutStrategy;
  readonly isPaused: boolean;
  /** Undefined while no ReplicaSet has the current template. */
  readonly newSet: SetSize | undefined;
  /** Oldest first. */
  readonly oldSets: readonly SetSize[];
  /** Pods of old sets that still exist, being deleted or not; what Recreate waits for. */
  readonly oldPods: number;
}

export type RolloutStrategy =
  | { readonly kind: 'Recreate' }
  | { readonly kind: 'RollingUpdate'; readonly maxSurge: number; readonly maxUnavailable: number };

export interface RolloutDecision {
  /** Size of the set with the current template; undefined when it must not exist yet. */
  readonly newReplicas: number | undefined;
  /** Sizes of the old sets whose size changes. */
  readonly oldReplicas: ReadonlyMap<string, number>;
}

const unchanged: ReadonlyMap<string, number> = new Map();

/** The next step of a rollout; repeated as pods come and go, it ends with all replicas in the new set. */
export function decideRollout(input: RolloutInput): RolloutDecision {
  if (input.isPaused) {
    // A paused Deployment is still scaled, but nothing moves from one template to the other.
    const isAlone = input.oldSets.every(({ replicas }) => replicas === 0);
    return {
      newReplicas: isAlone && input.newSet !== undefined ? input.desired : input.newSet?.replicas,
      oldReplicas: unchanged,
    };
  }
  return input.strategy.kind === 'Recreate' ? recreate(input) : roll(input, input.strategy);
}

function recreate({ desired, newSet, oldSets, oldPods }: RolloutInput): RolloutDecision {
  const running = oldSets.filter(({ replicas }) => replicas > 0);
  const mayStart = running.length === 0 && oldPods === 0;
  return {
    newReplicas: mayStart ? desired : newSet?.replicas,
    oldReplicas: new Map(running.map(({ name }) => [name, 0])),
  };
}

type Rolling = RolloutStrategy & { kind: 'RollingUpdate' };

/**
 * E.g. 10 desired, surge 3, 2 unavailable: the new set grows while all pods are at most 13, the old ones shrink while 8
 * stay available; pods of old sets that are not available go first, since they serve nobody.
 */
function roll(input: RolloutInput, { maxSurge, maxUnavailable }: Rolling): RolloutDecision {
  const { desired, newSet, oldSets } = input;
  const current = newSet?.replicas ?? 0;
  const total = current + sum(oldSets, 'replicas');
  if (current > desired) {
    return { newReplicas: desired, oldReplicas: unchanged };
  }
  const room = Math.max(0, desired + maxSurge - total);
  const grown = current + Math.min(room, desired - current);
  if (grown > current || newSet === undefined) {
    return { newReplicas: grown, oldReplicas: unchanged };
  }
  return { newReplicas: current, oldReplicas: shrink(newSet, oldSets, desired - maxUnavailable) };
}

function shrink(newSet: SetSize, oldSets: readonly SetSize[], minAvailable: number): ReadonlyMap<string, number> {
  const total = newSet.replicas + sum(oldSets, 'replicas');
  const newUnavailable = newSet.replicas - newSet.available;
  const unhealthyBudget = total - minAvailable - newUnavailable;
  if (unhealthyBudget <= 0) {
    return unchanged;
  }
  const cleaned = takeFrom(oldSets, unhealthyBudget, ({ replicas, available }) => replicas - available);
  const healthyBudget = newSet.available + sum(oldSets, 'available') - minAvailable;
  const shrunk = takeFrom(cleaned, healthyBudget, ({ replicas }) => replicas);
  const before = new Map(oldSets.map(({ name, replicas }) => [name, replicas]));
  return new Map(
    shrunk.filter(({ name, replicas }) => before.get(name) !== replicas).map(({ name, replicas }) => [name, replicas]),
  );
}

/** Takes `budget` replicas from the sets in their order, of each at most what `spare` says. */
function takeFrom(sets: readonly SetSize[], budget: number, spare: (set: SetSize) => number): SetSize[] {
  let left = Math.max(0, budget);
  return sets.map((set) => {
    const taken = Math.min(left, Math.max(0, spare(set)));
    left -= taken;
    return { ...set, replicas: set.replicas - taken };
  });
}

function sum(sets: readonly SetSize[], field: 'replicas' | 'available'): number {
  return sets.reduce((total, set) => total + set[field], 0);
}

/** Percentages of `desired`: surge rounds up, unavailable down; both 0 would stand still, so one may be unavailable then. */
export function strategyOf(deployment: Deployment): RolloutStrategy {
  const { strategy, replicas = 1 } = deployment.spec;
  if (strategy?.type === 'Recreate') {
    return { kind: 'Recreate' };
  }
  const { maxSurge = '25%', maxUnavailable = '25%' } = strategy?.rollingUpdate ?? {};
  const surge = resolve(maxSurge, replicas, Math.ceil);
  const unavailable = resolve(maxUnavailable, replicas, Math.floor);
  return { kind: 'RollingUpdate', maxSurge: surge, maxUnavailable: surge + unavailable === 0 ? 1 : unavailable };
}

function resolve(value: unknown, total: number, round: (value: number) => number): number {
  return typeof value === 'string' && value.endsWith('%')
    ? round((Number(value.slice(0, -1)) * total) / 100)
    : Number(value);
}
