import type { FastifyRequest } from 'fastify';
import type { WriteContext } from '../core/core.ts';
import type { FieldValidation } from '../core/admit.ts';
import type { IncludeObject } from '../table/table.ts';

export type Query = Readonly<Record<string, string | undefined>>;

export function queryOf(request: FastifyRequest): Query {
  return request.query as Query;
}

/** The manager is the one named, or, as a real server, the first word of the user agent. */
export function writeContextOf(request: FastifyRequest): WriteContext {
  const query = queryOf(request);
  const agent = request.headers['user-agent'] ?? 'unknown';
  return {
    manager: query['fieldManager'] ?? agent.split('/')[0] ?? 'unknown',
    dryRun: query['dryRun'] === 'All',
    validation: validationOf(query['fieldValidation']),
  };
}

function validationOf(text: string | undefined): FieldValidation {
  return text === 'Strict' || text === 'Ignore' ? text : 'Warn';
}

/** What a client wants to get, by its Accept header. */
export type Representation =
  | { readonly as: 'object' }
  | { readonly as: 'metadata' }
  | { readonly as: 'table'; readonly includeObject: IncludeObject };

export function representationOf(request: FastifyRequest): Representation {
  const accept = request.headers.accept ?? '';
  if (/as=Table;(v=v1|g=)/u.test(accept)) {
    const include = queryOf(request)['includeObject'];
    return { as: 'table', includeObject: include === 'Object' || include === 'None' ? include : 'Metadata' };
  }
  return accept.includes('as=PartialObjectMetadata') ? { as: 'metadata' } : { as: 'object' };
}

export function isTrue(text: string | undefined): boolean {
  return text === 'true' || text === '1';
}
