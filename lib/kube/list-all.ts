import type { KubeClient, ListOptions } from './client.ts';
import type { KubeObject } from './objects.ts';
import type { Resource } from './resources.ts';

/** All pages in one array, for lists that are short: what may be long is better taken page by page. */
export async function listAll<T extends KubeObject>(
  client: Pick<KubeClient, 'list'>,
  resource: Resource<T>,
  options?: ListOptions,
): Promise<T[]> {
  const found: T[] = [];
  for await (const { items } of client.list(resource, options)) {
    found.push(...items);
  }
  return found;
}
