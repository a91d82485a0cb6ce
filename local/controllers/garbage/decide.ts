import type { KubeObject, OwnerReference } from '../../../lib/kube/objects.ts';

export const finalizers = { foreground: 'foregroundDeletion', orphan: 'orphan' } as const;

/** What is known of one owner. `waiting`: being deleted in the foreground, once its dependents are gone. */
export type OwnerState = 'present' | 'absent' | 'waiting';

export interface Owner {
  readonly reference: OwnerReference;
  readonly state: OwnerState;
}

export type DependentDecision =
  | { readonly kind: 'keep' }
  /** Some owners are gone, others live: only the references to the former go. */
  | { readonly kind: 'release'; readonly keep: readonly OwnerReference[] }
  | { readonly kind: 'delete'; readonly propagationPolicy: 'Background' | 'Foreground' | 'Orphan' };

/** What becomes of an object whose owners are in these states; it must have at least one. */
export function decideDependent(
  object: KubeObject,
  owners: readonly Owner[],
  hasDependents: boolean,
): DependentDecision {
  const present = owners.filter(({ state }) => state === 'present');
  if (present.length === owners.length || object.metadata.deletionTimestamp !== undefined) {
    return { kind: 'keep' };
  }
  if (present.length > 0) {
    return { kind: 'release', keep: present.map(({ reference }) => reference) };
  }
  if (owners.some(({ state }) => state === 'waiting') && hasDependents) {
    return { kind: 'delete', propagationPolicy: 'Foreground' };
  }
  return { kind: 'delete', propagationPolicy: policyOf(object) };
}

/** A deletion that was asked for with a policy keeps it. */
function policyOf({ metadata }: KubeObject): 'Background' | 'Foreground' | 'Orphan' {
  if (metadata.finalizers?.includes(finalizers.orphan) === true) {
    return 'Orphan';
  }
  return metadata.finalizers?.includes(finalizers.foreground) === true ? 'Foreground' : 'Background';
}

export type DeletionStep =
  | { readonly kind: 'none' }
  | { readonly kind: 'orphan-dependents' }
  | { readonly kind: 'delete-dependents' }
  | { readonly kind: 'remove-finalizer'; readonly finalizer: string };

/** The next step of the deletion of an object that has dependents to look after. */
export function decideDeletion({ metadata }: KubeObject, dependents: readonly KubeObject[]): DeletionStep {
  if (metadata.deletionTimestamp === undefined) {
    return { kind: 'none' };
  }
  if (metadata.finalizers?.includes(finalizers.orphan) === true) {
    return dependents.length > 0
      ? { kind: 'orphan-dependents' }
      : { kind: 'remove-finalizer', finalizer: finalizers.orphan };
  }
  if (metadata.finalizers?.includes(finalizers.foreground) !== true) {
    return { kind: 'none' };
  }
  const blocking = dependents.some((dependent) =>
    dependent.metadata.ownerReferences?.some(
      ({ uid, blockOwnerDeletion }) => uid === metadata.uid && blockOwnerDeletion === true,
    ),
  );
  return blocking ? { kind: 'delete-dependents' } : { kind: 'remove-finalizer', finalizer: finalizers.foreground };
}
