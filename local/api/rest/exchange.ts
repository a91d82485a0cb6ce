import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Clock } from '../../../lib/clock.ts';
import type { ApiCore } from '../core/core.ts';
import type { Kind } from '../kinds/kind.ts';
import type { LogSource } from '../log-source.ts';
import type { RequestInfo } from './request-info.ts';

/** What requests are answered with. */
export interface HandlerContext {
  readonly core: ApiCore;
  readonly clock: Clock;
  readonly logs: LogSource | undefined;
}

/** One request about objects of a known kind. */
export interface Exchange {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly info: RequestInfo;
  readonly kind: Kind;
}
