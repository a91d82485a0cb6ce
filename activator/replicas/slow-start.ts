/** How one replica may be loaded. */
export interface PlacePolicy {
  /** In flight, hard; 0 is none. */
  readonly limit: number;
  /** In flight that one replica should carry. */
  readonly target: number;
}

/** The allowance of a newborn without a hard limit doubles this often. */
export const rampStepMs = 100;
/** After ten doublings any herd fits; from then on there is no bound. */
export const rampMs = 10 * rampStepMs;

/**
 * How many requests a replica may have in flight. With a hard limit that is the limit. Without one a newborn gets
 * `target` at once and twice as many every 100 ms for a second: 1,000 requests that waited for the first replica of a
 * function with target 100 reach it as 100, 200, 400, 800, 1,000 and not in one blow, and none waits longer than
 * 400 ms for the sake of pacing. Places that come free meanwhile are filled at once.
 */
export function placesOf(ageMs: number, policy: PlacePolicy): number {
  if (policy.limit > 0) {
    return policy.limit;
  }
  return ageMs >= rampMs ? Infinity : policy.target * 2 ** Math.floor(ageMs / rampStepMs);
}

const warmUpMs = 2000;
const coldWeight = 0.25;

/**
 * What a replica counts for when load is compared: a newborn, whose code is not compiled yet, a quarter, and linearly
 * more until it is two seconds old. Among equals nobody is preferred.
 */
export function weightOf(ageMs: number): number {
  return Math.min(1, coldWeight + (1 - coldWeight) * (Math.max(0, ageMs) / warmUpMs));
}
