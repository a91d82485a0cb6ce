import type { FastifyRequest } from 'fastify';
import { StatusError } from '../../lib/kube/status-error.ts';
import { Metrics } from '../../lib/metrics.ts';
import { patchTypes } from './core/patch.ts';
import { isTrue, queryOf } from './rest/request.ts';
import type { RequestInfo } from './rest/request-info.ts';

/** As a real server's metrics name them. */
export type Verb = 'GET' | 'LIST' | 'WATCH' | 'POST' | 'PUT' | 'PATCH' | 'APPLY' | 'DELETE' | 'DELETECOLLECTION';

/** One request that was answered; `user` is of the token, or `cluster` for the parts of the embedded cluster itself. */
export interface AnsweredRequest {
  readonly verb: Verb;
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly subresource: string;
  readonly user: string;
  /** HTTP status. */
  readonly code: number;
}

/** `apiserver_request_total`, with one label more than a real server has: who asked. */
export class RequestMetrics {
  readonly #metrics = new Metrics();
  readonly #requests = this.#metrics.counter({
    name: 'apiserver_request_total',
    help: 'Requests about objects, by whom, for what, and how they were answered.',
    labels: ['code', 'group', 'resource', 'subresource', 'user', 'verb', 'version'],
  });

  count({ code, group, resource, subresource, user, verb, version }: AnsweredRequest): void {
    // Printed in this order: by name, as a Go program prints them.
    this.#requests.inc({ code: String(code), group, resource, subresource, user, verb, version });
  }

  /** Prometheus' text format. */
  render(): Promise<string> {
    return this.#metrics.render();
  }
}

export function verbOf(request: FastifyRequest, info: RequestInfo): Verb {
  const isOne = info.name !== undefined;
  switch (request.method) {
    case 'POST':
    case 'PUT':
      return request.method;
    case 'PATCH':
      return (request.headers['content-type'] ?? '').startsWith(patchTypes.apply) ? 'APPLY' : 'PATCH';
    case 'DELETE':
      return isOne ? 'DELETE' : 'DELETECOLLECTION';
    default:
      return isTrue(queryOf(request)['watch']) ? 'WATCH' : isOne ? 'GET' : 'LIST';
  }
}

/** The status that a failure is answered with. */
export function codeOf(error: unknown): number {
  return error instanceof StatusError ? error.code : 500;
}
