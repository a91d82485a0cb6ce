import { runtimeDefaults } from '../../../lib/api/defaults.ts';
import { findCondition } from '../../../lib/api/conditions.ts';
import { annotations } from '../../../lib/api/names.ts';
import type { FailureReason } from '../../../lib/api/reasons.ts';
import type { Revision } from '../../../lib/api/revision.ts';
import type { Runtime } from '../../../lib/api/runtime.ts';
import { isReady } from './decide.ts';

export interface RuntimeUpdateInput {
  /** What the Function, its code and its Runtime ask for now. */
  readonly desired: Revision;
  /** Whether that Revision is there already and was proven: going back to it risks nothing. */
  readonly isDesiredReady: boolean;
  /** The latest Revision made so far. */
  readonly current: Revision | undefined;
  /** Absent for image functions. */
  readonly runtime: Runtime | undefined;
  /** How many other functions follow a change of this Runtime with a Revision that is still unproven. */
  readonly underWay: number;
}

/** `take` the Revision, noting what it is an update of; `wait` for a place, `keep` what there is until the function changes. */
export type RuntimeUpdateDecision =
  { readonly kind: 'take'; readonly updateOf: string | undefined } | { readonly kind: 'wait' | 'keep' };

/**
 * A change of a Runtime concerns all its functions at once. It reaches them a few at a time, so that a bad image stops after
 * as many, with the proven Revisions of all of them still serving; or, by policy, each with its own next change.
 */
export function decideRuntimeUpdate(input: RuntimeUpdateInput): RuntimeUpdateDecision {
  const { desired, current, runtime, isDesiredReady, underWay } = input;
  if (current === undefined || !isOnlyRuntimeChanged(current, desired) || isDesiredReady) {
    return { kind: 'take', updateOf: undefined };
  }
  const { policy, maxParallel } = { ...runtimeDefaults.updates, ...runtime?.spec.updates };
  if (policy === 'OnNextChange') {
    return { kind: 'keep' };
  }
  if (!isReady(current)) {
    // Nothing is lost with it. If it was an update itself, its place goes over to the next one.
    return { kind: 'take', updateOf: current.metadata.annotations?.[annotations.runtimeUpdateOf] };
  }
  return underWay < maxParallel ? { kind: 'take', updateOf: current.metadata.name } : { kind: 'wait' };
}

function isOnlyRuntimeChanged(current: Revision, desired: Revision): boolean {
  const content = current.metadata.annotations?.[annotations.content];
  return (
    current.metadata.name !== desired.metadata.name && content === desired.metadata.annotations?.[annotations.content]
  );
}

/**
 * What only the function itself is to blame for: as many functions as may follow at once, each without its Secret, would
 * otherwise keep all others from a good Runtime.
 */
const ownFailures: readonly FailureReason[] = ['SecretNotFound', 'ConfigMapNotFound'];

/** The Runtime whose update this Revision is under way with; undefined when it is proven, or says nothing about the Runtime. */
export function updatedRuntimeOf(revision: Revision): string | undefined {
  const isUpdate = revision.metadata.annotations?.[annotations.runtimeUpdateOf] !== undefined;
  const reason = findCondition(revision.status?.conditions, 'Ready')?.reason;
  const isOver = isReady(revision) || ownFailures.some((own) => own === reason);
  return isUpdate && !isOver ? revision.spec.runtime : undefined;
}
