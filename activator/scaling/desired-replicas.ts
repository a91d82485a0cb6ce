import type { ScalingSettings } from '../routing/route.ts';

export interface ScalingInput {
  readonly nowMs: number;
  readonly scaling: ScalingSettings;
  /** In flight per replica, hard; 0 is none. */
  readonly concurrencyLimit: number;
  /** Average of the chosen metric over the stable window. */
  readonly stable: number;
  /** The same over the panic window. */
  readonly panic: number;
  /** Requests waiting or running right now. */
  readonly level: number;
  /** Replicas that serve or are starting to. */
  readonly replicas: number;
  /** How long no request has been waiting or running; 0 while one is. */
  readonly idleMs: number;
}

/** A surge that the stable window does not show yet. While it lasts the number of replicas only grows. */
export interface Panic {
  /** When the panic window last exceeded the threshold. */
  readonly sinceMs: number;
  /** The most replicas that were wanted since it began. */
  readonly peak: number;
}

export interface ScalingDecision {
  readonly replicas: number;
  readonly panic: Panic | undefined;
}

/** At most halve at each decision, as Knative's `max-scale-down-rate` of 2. */
const scaleDownRate = 2;
const smallestTarget = 0.01;

/**
 * Knative's two-window formula. There are five differences. Starting replicas are capacity, so slow starters cause no
 * panic. There is no bound on the rate of growth: Knative's factor of 1000 never binds below our largest `maxReplicas`.
 * A hard limit is never undercut by what runs at the moment. At least one replica stays until `idleTimeout` has passed
 * without any request, and then none does, panic or not. `activationReplicas` belongs to waking, not to this.
 *
 * Example: target 100, utilization 70 %, 3 replicas; 250 requests at once over the stable window, 500 over the panic
 * window. Stable wants ⌈250/70⌉ = 4, panic ⌈500/70⌉ = 8. 8/3 is over the threshold of 2, so 8 it is, for at least a
 * stable window after the last such moment.
 */
export function decideReplicas(input: ScalingInput, before: Panic | undefined): ScalingDecision {
  const { scaling } = input;
  const target = targetPerReplica(scaling, input.concurrencyLimit);
  const replicas = Math.max(1, input.replicas);
  const slowest = Math.floor(replicas / scaleDownRate);
  const stable = Math.max(Math.ceil(input.stable / target), slowest);
  const surge = Math.ceil(input.panic / target);
  const over = surge / replicas >= scaling.panicThresholdPercent / 100;
  const panic = nextPanic(input, { before, over, wanted: Math.max(stable, surge) });
  const wanted = Math.max(panic?.peak ?? stable, neededForLevel(input), 1);
  return { replicas: isIdle(input) ? 0 : wanted, panic };
}

/** `minReplicas` and `maxReplicas` have the last word. */
export function clampReplicas(replicas: number, scaling: ScalingSettings): number {
  return Math.min(Math.max(replicas, scaling.minReplicas), scaling.maxReplicas);
}

/** What one replica should carry: never more than it may. */
export function targetPerReplica(scaling: ScalingSettings, concurrencyLimit: number): number {
  const target = softTarget(scaling, concurrencyLimit) * (scaling.targetUtilizationPercent / 100);
  return Math.max(smallestTarget, target);
}

/** `scaling.target`, bounded by a hard limit; a rate has no such bound. */
export function softTarget(scaling: ScalingSettings, concurrencyLimit: number): number {
  const bounded = concurrencyLimit > 0 && scaling.metric === 'Concurrency';
  return bounded ? Math.min(scaling.target, concurrencyLimit) : scaling.target;
}

function isIdle(input: ScalingInput): boolean {
  return input.level === 0 && input.idleMs >= input.scaling.idleTimeoutMs;
}

function neededForLevel(input: ScalingInput): number {
  return input.concurrencyLimit > 0 ? Math.ceil(input.level / input.concurrencyLimit) : 0;
}

interface PanicStep {
  readonly before: Panic | undefined;
  readonly over: boolean;
  readonly wanted: number;
}

/** calm => panic when over the threshold; panic => calm once a stable window has passed since the last such moment. */
function nextPanic(input: ScalingInput, step: PanicStep): Panic | undefined {
  const { before, over, wanted } = step;
  if (over) {
    return { sinceMs: input.nowMs, peak: Math.max(before?.peak ?? 0, wanted) };
  }
  if (before === undefined || input.nowMs - before.sinceMs > input.scaling.windowMs) {
    return undefined;
  }
  return { sinceMs: before.sinceMs, peak: Math.max(before.peak, wanted) };
}
