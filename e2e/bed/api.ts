import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock, systemRandom } from '../../lib/clock.ts';
import { createClient, type HttpClient } from '../../lib/kube/http-client.ts';
import type { Condition, KubeObject } from '../../lib/kube/objects.ts';
import type { Resource } from '../../lib/kube/resources.ts';
import { apiUrl } from './addresses.ts';

export interface ClusterNode extends KubeObject {
  readonly status?: { readonly conditions?: readonly Condition[] };
}

export const nodes: Resource<ClusterNode> = {
  group: '',
  version: 'v1',
  plural: 'nodes',
  kind: 'Node',
  namespaced: false,
};

/** A client of the bed's API server, as its administrator. */
export async function openApi(certificates: string): Promise<HttpClient> {
  const read = (name: string): Promise<string> => readFile(join(certificates, name), 'utf8');
  const connection = {
    url: apiUrl,
    ca: await read('ca.crt'),
    certificate: { cert: await read('admin.crt'), key: await read('admin.key') },
  };
  return createClient({ connection, clock: systemClock, random: systemRandom, userAgent: 'flint-bed' });
}

export function isReady({ status }: ClusterNode): boolean {
  return status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') === true;
}
