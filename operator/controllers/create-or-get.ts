import type { KubeClient } from '../../lib/kube/client.ts';
import type { KubeObject } from '../../lib/kube/objects.ts';
import type { Resource } from '../../lib/kube/resources.ts';
import { isAlreadyExists } from '../../lib/kube/status-error.ts';

/**
 * The object of this name, made if there is none. It may have been made a moment ago by ourselves, by a predecessor that
 * died, or by a stranger: whose it is has to be looked at.
 */
export async function createOrGet<T extends KubeObject>(
  client: Pick<KubeClient, 'create' | 'get'>,
  resource: Resource<T>,
  desired: T,
  fieldManager: string,
): Promise<T> {
  try {
    return await client.create(resource, desired, { fieldManager });
  } catch (error) {
    if (!isAlreadyExists(error)) {
      throw error;
    }
    return client.get(resource, desired.metadata);
  }
}
