import type { IncomingMessage } from 'node:http';
import type { ColdStartPhases } from '../capacity.ts';
import type { FunctionRoute } from '../routing/route.ts';

/** One request on its way through, and what becomes known of it. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly requestId: string;
  readonly traceparent: string;
  /** Milliseconds of `Clock.monotonic` */
  readonly arrivedAt: number;
  /** Aborts when the client leaves, or its time is over. */
  readonly gone: AbortController;
  route?: FunctionRoute;
  revisionName?: string;
  replicaId?: string;
  /** `Server-Timing` of a cold answer, in milliseconds. */
  phases?: Readonly<Record<string, number>>;
  coldStart?: ColdStartPhases;
  status?: number;
  /** The platform's error code when it answered itself. */
  code?: string;
}

/** How an exchange ended: every one in exactly one way (I6). */
export type Ending = 'answered' | 'abandoned';
