import type { KubeObject, OwnerReference } from '../../lib/kube/objects.ts';

/** Our controller reference: garbage collection takes the child along, and tells everyone whose it is. */
export function makeOwnerReference(owner: KubeObject): OwnerReference {
  return {
    apiVersion: owner.apiVersion,
    kind: owner.kind,
    name: owner.metadata.name,
    uid: owner.metadata.uid ?? '',
    controller: true,
    blockOwnerDeletion: true,
  };
}

/** I3: an object is ours only by the uid of its controller, whatever its name and labels say. */
export function isOwnedBy(object: KubeObject, owner: KubeObject): boolean {
  const controller = object.metadata.ownerReferences?.find((reference) => reference.controller === true);
  return controller !== undefined && controller.uid === owner.metadata.uid;
}
