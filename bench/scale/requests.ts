import { get, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { openConnection } from '../../lib/kube/connect.ts';
import type { ReadyFile } from '../../local/launch/ready-file.ts';

/** What was asked of the API server, and how often. */
export interface RequestCount {
  /** `APPLY deployments by operator`, with the subresource where there is one. */
  readonly what: string;
  readonly isWrite: boolean;
  readonly count: number;
}

/** Requests answered with 2xx since the server's start; by `what`. */
export type Requests = ReadonlyMap<string, RequestCount>;

const writeVerbs = ['POST', 'PUT', 'PATCH', 'APPLY', 'DELETE', 'DELETECOLLECTION'];
/** No work of anybody's on objects: events tell of it, and a lease is renewed by whoever leads, with or without work. */
const besides = ['events', 'leases'];

/** By the API server's own count. */
export async function readRequests({ kubeconfig }: ReadyFile): Promise<Requests> {
  const { url } = await openConnection({ kind: 'kubeconfig', file: kubeconfig });
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  get(`${url}/metrics`, resolve).once('error', reject);
  return parseRequests(await text(await promise));
}

/** Of a page of metrics in Prometheus' text format. */
export function parseRequests(page: string): Requests {
  const requests = new Map<string, RequestCount>();
  for (const line of page.split('\n').filter((candidate) => candidate.startsWith('apiserver_request_total{'))) {
    const label = (name: string): string => new RegExp(`[{,]${name}="([^"]*)"`, 'u').exec(line)?.[1] ?? '';
    const [verb, resource, subresource] = [label('verb'), label('resource'), label('subresource')];
    if (label('code').startsWith('2') && !besides.includes(resource)) {
      const what = `${verb} ${resource}${subresource === '' ? '' : `/${subresource}`} by ${label('user')}`;
      const count = (requests.get(what)?.count ?? 0) + Number(line.slice(line.lastIndexOf(' ') + 1));
      requests.set(what, { what, isWrite: writeVerbs.includes(verb), count });
    }
  }
  return requests;
}

/** What came between two counts. */
export function difference(before: Requests, after: Requests): RequestCount[] {
  return [...after.values()]
    .map((request) => ({ ...request, count: request.count - (before.get(request.what)?.count ?? 0) }))
    .filter(({ count }) => count > 0);
}

export function countWrites(requests: readonly RequestCount[]): number {
  return requests.filter(({ isWrite }) => isWrite).reduce((sum, { count }) => sum + count, 0);
}

export function countAll(requests: readonly RequestCount[]): number {
  return requests.reduce((sum, { count }) => sum + count, 0);
}

/** `2 APPLY deployments by operator, …`, writes only. */
export function describeWrites(requests: readonly RequestCount[]): string {
  return requests
    .filter(({ isWrite }) => isWrite)
    .map(({ count, what }) => `${count} ${what}`)
    .sort()
    .join(', ');
}
