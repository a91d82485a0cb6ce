import type { DeleteOptions } from './client.ts';
import type { KubeObject } from './objects.ts';

/** For deleting this object, however it has changed: a namesake made since stays. */
export function ofUid({ metadata: { uid } }: KubeObject): Pick<DeleteOptions, 'uid'> {
  return uid === undefined ? {} : { uid };
}

/** For deleting this object as it was seen: whatever has changed since stays. */
export function ofVersion(object: KubeObject): Pick<DeleteOptions, 'uid' | 'resourceVersion'> {
  const { resourceVersion } = object.metadata;
  return { ...ofUid(object), ...(resourceVersion === undefined ? {} : { resourceVersion }) };
}
