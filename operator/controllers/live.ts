import type { KubeClient, ObjectName } from '../../lib/kube/client.ts';
import type { KubeObject } from '../../lib/kube/objects.ts';
import type { Resource } from '../../lib/kube/resources.ts';
import { ignoreNotFound } from '../../lib/kube/status-error.ts';
import { claimOf } from './owner.ts';

/*
 * The watches of two kinds have no order between them. A Function can be in its cache while the Runtime that was made before it
 * is not in its own yet, or while the Service that was deleted before it still is. So bad news that a cache brings about another
 * object (it is missing, it is a stranger's) is told only when the server says so too. It costs a read for each look at a
 * function in that state, and none at any other.
 */

/** @returns undefined only when the server says that there is none; any other failure is thrown, and tried again. */
export function getLive<T extends KubeObject>(
  client: Pick<KubeClient, 'get'>,
  resource: Resource<T>,
  name: ObjectName,
): Promise<T | undefined> {
  return client.get(resource, name).catch(ignoreNotFound);
}

/** The object of a child's name as the cache has it; should that be a stranger's, as the server has it. */
export async function confirmClaim<Cached extends KubeObject, Live extends KubeObject>(
  client: Pick<KubeClient, 'get'>,
  resource: Resource<Live>,
  { cached, owner }: { readonly cached: Cached | undefined; readonly owner: KubeObject },
): Promise<Cached | Live | undefined> {
  return cached !== undefined && claimOf(cached, owner) === 'foreign'
    ? getLive(client, resource, cached.metadata)
    : cached;
}
