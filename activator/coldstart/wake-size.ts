import type { ScalingSettings } from '../routing/route.ts';
import { softTarget } from '../scaling/desired-replicas.ts';

/**
 * How many replicas a function needs that has none and for which `waiting` requests wait.
 * Example: 250 waiting, target 100, `activationReplicas` 2: max(2, ⌈250/100⌉) = 3.
 */
export function wakeSize(waiting: number, scaling: ScalingSettings, concurrencyLimit: number): number {
  const forWaiting = Math.ceil(waiting / softTarget(scaling, concurrencyLimit));
  return Math.min(Math.max(scaling.activationReplicas, forWaiting), scaling.maxReplicas);
}
