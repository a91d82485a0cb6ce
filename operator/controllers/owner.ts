import type { Failure } from '../../lib/api/reasons.ts';
import type { KubeObject, ObjectMeta, OwnerReference } from '../../lib/kube/objects.ts';
import { controllerOf } from '../../lib/kube/owner-reference.ts';

/** I3: an object is ours only by the uid of its controller, whatever its name and labels say. */
export function isOwnedBy(object: KubeObject, owner: KubeObject): boolean {
  return controllerOf(object)?.uid === owner.metadata.uid;
}

/**
 * Whose an object is that has the name of a child. `leaving`: it is about to go, because it is being deleted or because its
 * owner was a predecessor of the same name, and garbage collection is on its way; its end brings us back. `foreign`: it stays.
 */
export type Claim = 'ours' | 'leaving' | 'foreign';

export function claimOf(object: KubeObject, owner: KubeObject): Claim {
  const controller = controllerOf(object);
  const isOurs = controller?.uid === owner.metadata.uid;
  const isPredecessors = controller !== undefined && isNamesake(controller, owner);
  if (isOurs) {
    return object.metadata.deletionTimestamp === undefined ? 'ours' : 'leaving';
  }
  return isPredecessors || object.metadata.deletionTimestamp !== undefined ? 'leaving' : 'foreign';
}

/** By group and kind, whatever the version: other platforms have Functions and Revisions too. */
function isNamesake({ apiVersion, kind, name }: OwnerReference, owner: KubeObject): boolean {
  return groupOf(apiVersion) === groupOf(owner.apiVersion) && kind === owner.kind && name === owner.metadata.name;
}

function groupOf(apiVersion: string): string {
  return apiVersion.split('/').slice(0, -1).join('/');
}

/** Of a name that a child would have, and that is a stranger's. */
export function nameTaken(kind: string, name: string, remedy = 'delete it'): Failure {
  return { reason: 'NameTaken', message: `a ${kind} '${name}' exists that is not this function's; ${remedy}` };
}

/** Names this very object: an apply or delete with it does nothing to a namesake that was made since. */
export function identityOf({ metadata }: KubeObject): Pick<ObjectMeta, 'name' | 'namespace' | 'uid'> {
  const { name, namespace, uid } = metadata;
  return { name, ...(namespace === undefined ? {} : { namespace }), ...(uid === undefined ? {} : { uid }) };
}
