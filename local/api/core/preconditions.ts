import type { KubeObject } from '../../../lib/kube/objects.ts';
import type { Kind } from '../kinds/kind.ts';
import { conflict, invalid, refuse } from '../status.ts';

/** @throws StatusError Conflict when the object is not the one, or not the version, that is meant. */
export function checkPreconditions(
  kind: Kind,
  live: KubeObject,
  wanted: { readonly uid?: string; readonly resourceVersion?: string },
): void {
  const { name, uid, resourceVersion } = live.metadata;
  if (wanted.uid !== undefined && wanted.uid !== uid) {
    throw conflict(
      kind,
      name,
      `Precondition failed: UID in precondition: ${wanted.uid}, UID in object meta: ${uid ?? ''}`,
    );
  }
  if (
    wanted.resourceVersion !== undefined &&
    wanted.resourceVersion !== '' &&
    wanted.resourceVersion !== resourceVersion
  ) {
    throw conflict(
      kind,
      name,
      'the object has been modified; please apply your changes to the latest version and try again',
    );
  }
}

/** @throws StatusError BadRequest for another name; Invalid for a custom object that does not say which version it replaces */
export function checkIdentity(kind: Kind, name: string, { metadata }: KubeObject): void {
  if (metadata.name !== name) {
    const why = `the name of the object (${metadata.name}) does not match the name on the URL (${name})`;
    throw refuse('BadRequest', why);
  }
  const isCustom = kind.schema !== undefined;
  if (isCustom && (metadata.resourceVersion ?? '') === '') {
    const message = 'Invalid value: 0x0: must be specified for an update';
    throw invalid(kind, name, [{ field: 'metadata.resourceVersion', reason: 'FieldValueInvalid', message }]);
  }
}
