import type { ClientRequest, IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { Clock } from '../../lib/clock.ts';
import type { Capacity, Lease } from '../capacity.ts';
import { AppError } from '../errors.ts';
import type { FunctionRoute } from '../routing/route.ts';
import type { Exchange } from './exchange.ts';
import { requestHeaders, responseHeaders } from './headers.ts';
import { makePhases, renderServerTiming } from './server-timing.ts';
import { Timeouts } from './timeouts.ts';
import { type Upstream, type UpstreamAnswer, UpstreamError } from './upstream.ts';

export interface ProxyDeps {
  readonly clock: Clock;
  readonly capacity: Capacity;
  readonly upstream: Upstream;
}

/** A request that no replica took goes to another one, this many times at the most. */
const mostAttempts = 4;

/** What a request carries besides its own headers. */
export interface Payload {
  /** Name and value in turn. */
  readonly headers: readonly string[];
  /** Writes the body and ends the request; called once there is a connection. */
  readonly write: (outgoing: ClientRequest) => void;
}

/** A lease and the head of the answer that came over it. */
export interface Reached {
  readonly lease: Lease;
  readonly answer: UpstreamAnswer;
  readonly timeouts: Timeouts;
}

/** Gets a place on a replica, sends the request there, and streams the answer back. */
export class Proxy {
  readonly #deps: ProxyDeps;

  constructor(deps: ProxyDeps) {
    this.#deps = deps;
  }

  /** Resolves when the answer is out. @throws AppError; the client's own leaving aborts `exchange.gone` */
  async forward(exchange: Exchange, route: FunctionRoute, response: ServerResponse): Promise<void> {
    const { lease, answer, timeouts } = await this.reach(exchange, route, {
      headers: [],
      write: (outgoing) => {
        writeBody(exchange.request, outgoing);
      },
    });
    try {
      if (answer.kind === 'upgrade') {
        answer.socket.destroy();
        throw new AppError('UpstreamFailed', 'the function switched protocols although nobody asked for it');
      }
      await this.#sendBack(exchange, response, { answer: answer.response, timeouts });
    } finally {
      timeouts.stop();
      lease.release();
    }
  }

  /**
   * I4: another replica is tried only while nothing of the request was sent; after that it fails.
   * The caller stops the time-outs and releases the lease.
   */
  async reach(exchange: Exchange, route: FunctionRoute, payload: Payload): Promise<Reached> {
    const { clock } = this.#deps;
    const timeouts = new Timeouts(clock, route.settings.timeouts, (error) => {
      exchange.gone.abort(error);
    });
    timeouts.startRequest(clock.monotonic() - exchange.arrivedAt);
    const avoid = new Set<string>();
    try {
      for (let attempt = 1; ; attempt++) {
        const lease = await this.#acquire(exchange, route, avoid);
        const answer = await this.#attempt(exchange, lease, { payload, timeouts, isLast: attempt === mostAttempts });
        if (answer !== undefined) {
          return { lease, answer, timeouts };
        }
        avoid.add(lease.replica.id);
      }
    } catch (error) {
      timeouts.stop();
      throw error;
    }
  }

  async #acquire(exchange: Exchange, route: FunctionRoute, avoid: ReadonlySet<string>): Promise<Lease> {
    const lease = await this.#deps.capacity.acquire(route, {
      arrivedAt: exchange.arrivedAt,
      bytes: headBytes(exchange.request),
      signal: exchange.gone.signal,
      avoid,
    });
    exchange.revisionName = lease.revisionName;
    exchange.replicaId = lease.replica.id;
    if (lease.coldStart !== undefined) {
      exchange.coldStart = lease.coldStart;
    }
    return lease;
  }

  /** @returns undefined when the replica could not be reached and another one may be tried. */
  async #attempt(
    exchange: Exchange,
    lease: Lease,
    options: {
      readonly payload: Payload;
      readonly timeouts: Timeouts;
      readonly isLast: boolean;
    },
  ): Promise<UpstreamAnswer | undefined> {
    const { request } = exchange;
    const sentAt = this.#deps.clock.monotonic();
    options.timeouts.startFirstByte();
    try {
      const answer = await this.#deps.upstream.send(lease.replica, {
        method: request.method ?? 'GET',
        path: request.url ?? '/',
        headers: [...forwardedHeaders(exchange), ...options.payload.headers],
        signal: exchange.gone.signal,
        writeBody: options.payload.write,
      });
      this.#notePhases(exchange, answer.response, sentAt);
      return answer;
    } catch (error) {
      const abortedBy: unknown = exchange.gone.signal.reason;
      if (exchange.gone.signal.aborted) {
        lease.release();
        throw abortedBy;
      }
      if (error instanceof UpstreamError && !error.sent) {
        lease.fail(error);
        if (!options.isLast) {
          return undefined;
        }
      } else {
        lease.release();
      }
      const message = error instanceof Error ? error.message : String(error);
      throw new AppError('UpstreamFailed', `the connection to the replica failed: ${message}`, { cause: error });
    }
  }

  #notePhases(exchange: Exchange, answer: IncomingMessage, sentAt: number): void {
    if (exchange.coldStart !== undefined) {
      const appMs = this.#deps.clock.monotonic() - sentAt;
      exchange.phases = makePhases(exchange.coldStart, answer.headers['flint-load-ms'], appMs);
    }
  }

  async #sendBack(
    exchange: Exchange,
    response: ServerResponse,
    { answer, timeouts }: { readonly answer: IncomingMessage; readonly timeouts: Timeouts },
  ): Promise<void> {
    timeouts.answerBegan(answer);
    exchange.status = answer.statusCode ?? 0;
    const headers = responseHeaders(answer.rawHeaders, answer.headers.connection);
    if (exchange.phases !== undefined) {
      headers.push('Server-Timing', renderServerTiming(exchange.phases));
    }
    response.sendDate = false;
    response.writeHead(answer.statusCode ?? 502, answer.statusMessage ?? '', headers);
    response.flushHeaders();
    try {
      await pipeline(answer, response, { signal: exchange.gone.signal });
    } catch (error) {
      // The head is out: the client has to see a broken answer as broken, never as complete.
      response.destroy();
      throw exchange.gone.signal.aborted
        ? exchange.gone.signal.reason
        : new AppError('UpstreamFailed', 'the function broke its answer off', { cause: error });
    }
  }
}

function forwardedHeaders(exchange: Exchange): string[] {
  const { request } = exchange;
  return requestHeaders(request.rawHeaders, request.headers, {
    remoteAddress: (request.socket.remoteAddress ?? '').replace(/^::ffff:/u, ''),
    protocol: 'http',
    requestId: exchange.requestId,
    traceparent: exchange.traceparent,
  });
}

function writeBody(request: IncomingMessage, outgoing: ClientRequest): void {
  const hasBody = request.headers['content-length'] !== undefined || request.headers['transfer-encoding'] !== undefined;
  if (!hasBody) {
    outgoing.end();
    return;
  }
  // A failing half takes the other along; who is to blame is told by the one that failed.
  pipeline(request, outgoing).catch((error: unknown) => {
    outgoing.destroy(error instanceof Error ? error : new Error(String(error)));
  });
}

/** What a waiting request holds: its head. Its body stays in the socket. */
function headBytes(request: IncomingMessage): number {
  return request.rawHeaders.reduce((sum, part) => sum + part.length + 2, (request.url ?? '').length + 16);
}
