import type { KubeClient } from '../../lib/kube/client.ts';
import type { KubeObject } from '../../lib/kube/objects.ts';
import type { Resource } from '../../lib/kube/resources.ts';
import { isAlreadyExists } from '../../lib/kube/status-error.ts';
import { getLive } from './live.ts';

/** In whose name children are made. */
export interface Owner<T extends KubeObject = KubeObject> {
  readonly object: T;
  /** Whether the server still has it, and it is not on its way out. */
  isThere(): Promise<boolean>;
}

/**
 * As a cache has it. The server is asked, once, before the first child is made: one that was deleted would get its children back
 * as often as they are collected, and code would run that somebody has taken away, for as long as the cache is behind.
 */
export function cachedOwner<T extends KubeObject>(
  client: Pick<KubeClient, 'get'>,
  resource: Resource<T>,
  object: T,
): Owner<T> {
  let answer: Promise<boolean> | undefined;
  const ask = async (): Promise<boolean> => {
    const live = await getLive(client, resource, object.metadata);
    return live?.metadata.uid === object.metadata.uid && live?.metadata.deletionTimestamp === undefined;
  };
  return { object, isThere: () => (answer ??= ask()) };
}

/** As the server gave it in this very turn. */
export function liveOwner<T extends KubeObject>(object: T): Owner<T> {
  return { object, isThere: () => Promise.resolve(object.metadata.deletionTimestamp === undefined) };
}

/**
 * The object of this name, made if there is none. It may have been made a moment ago by ourselves, by a predecessor that
 * died, or by a stranger: whose it is has to be looked at.
 * @returns undefined when its owner is gone
 */
export async function createOrGet<T extends KubeObject>(
  client: Pick<KubeClient, 'create' | 'get'>,
  resource: Resource<T>,
  desired: T,
  { owner, fieldManager }: { readonly owner: Owner; readonly fieldManager: string },
): Promise<T | undefined> {
  if (!(await owner.isThere())) {
    return undefined;
  }
  try {
    return await client.create(resource, desired, { fieldManager });
  } catch (error) {
    if (!isAlreadyExists(error)) {
      throw error;
    }
    return client.get(resource, desired.metadata);
  }
}
