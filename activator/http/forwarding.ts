import type { Clock } from '../../lib/clock.ts';
import { errorMessage } from '../../lib/errors.ts';
import type { Capacity, CapacityRequest, Lease } from '../capacity.ts';
import { AppError } from '../errors.ts';
import { passOn, passOnInterim } from './answer.ts';
import { type Exchange, type Handler, routeOf } from './exchange.ts';
import { loadHeader, makeRequestHeaders, valuesOf } from './headers.ts';
import type { FlowsObserver } from './flow.ts';
import { IdleTimer } from './idle-timer.ts';
import { probe, watchForBreak } from './presence.ts';
import { checkBodyLength, framingOf, heldBytes, sendBody } from './request-body.ts';
import type { StandingFlows } from './standing-flows.ts';
import { makeServerPhases, tryParseLoadMs } from './server-timing.ts';
import { joinUpgraded } from './tunnel.ts';
import { type Upstream, type UpstreamAnswer, UpstreamError, type UpstreamUpgrade } from './upstream.ts';

export interface ForwardingDeps {
  readonly capacity: Capacity;
  readonly upstream: Upstream;
  readonly clock: Clock;
  /** Replicas that one request is offered to, as long as none of them got anything of it. */
  readonly maxAttempts: number;
  /** Of a request's body; 0 is none. */
  readonly maxBodyBytes: number;
  /** A replica did not take a request, or broke off. */
  readonly onUpstreamError: (kind: 'unsent' | 'broken') => void;
  /** Of all exchanges of this process. */
  readonly flows: StandingFlows;
}

/** The innermost step: gets a place on a replica, sends the request there and its answer back. */
export function makeForwarding(deps: ForwardingDeps): Handler {
  return async (exchange) => {
    checkBodyLength(exchange, deps.maxBodyBytes);
    const avoid = new Set<string>();
    const { arrivedAt, signal } = exchange;
    const bytes = heldBytes(exchange);
    for (let attempt = 1; ; attempt++) {
      const lease = await acquire(exchange, deps, { arrivedAt, bytes, signal, avoid });
      const refusal = await new Forward(exchange, lease, deps).run();
      if (refusal === undefined) {
        // The replica is done, and free; the client may still be reading.
        return exchange.untilClosed();
      }
      if (attempt >= deps.maxAttempts) {
        const message = `none of ${attempt} replicas took the request: ${refusal.message}`;
        throw new AppError('UpstreamFailed', message, { cause: refusal });
      }
      avoid.add(lease.replica.id);
    }
  };
}

/** @throws as Capacity does. */
async function acquire(exchange: Exchange, deps: ForwardingDeps, request: CapacityRequest): Promise<Lease> {
  const stop = watchForBreak(exchange, deps.clock);
  try {
    const lease = await deps.capacity.acquire(routeOf(exchange), request);
    // Of a client that is gone a replica is to see nothing; the lease is given back like any other.
    await probe(exchange);
    return lease;
  } finally {
    stop();
  }
}

/** One request on one replica. */
class Forward {
  readonly #exchange: Exchange;
  readonly #lease: Lease;
  readonly #deps: ForwardingDeps;
  readonly #leasedAt: number;
  readonly #idle: IdleTimer;
  #stopBody: () => void = () => undefined;
  #cancelFirstByte: () => void = () => undefined;

  constructor(exchange: Exchange, lease: Lease, deps: ForwardingDeps) {
    this.#exchange = exchange;
    this.#lease = lease;
    this.#deps = deps;
    this.#leasedAt = deps.clock.monotonic();
    const { idleMs } = routeOf(exchange).settings.timeouts;
    this.#idle = new IdleTimer(deps.clock, idleMs, () => {
      exchange.abort(new AppError('RequestTimeout', `no byte moved for ${idleMs} ms`));
    });
    exchange.revisionName = lease.revisionName;
    exchange.replicaId = lease.replica.id;
  }

  /** @returns why the replica did not take the request, when it is certain that nothing of it was sent. */
  async run(): Promise<UpstreamError | undefined> {
    const { signal } = this.#exchange;
    try {
      await this.#passOn(await this.#send());
      return undefined;
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof UpstreamError && !error.wasSent && this.#exchange.requestBytes === 0) {
        this.#deps.onUpstreamError('unsent');
        this.#lease.fail(error.cause);
        return error;
      }
      throw this.#explain(error);
    } finally {
      this.#stopBody();
      this.#cancelFirstByte();
      this.#idle.stop();
      this.#lease.release();
    }
  }

  async #send(): Promise<UpstreamAnswer | UpstreamUpgrade> {
    const { replica } = this.#lease;
    if (replica.protocol !== 'Http1') {
      throw new AppError('UpstreamFailed', 'the protocol H2c is not supported yet; use Http1');
    }
    const { request, path, signal } = this.#exchange;
    this.#startFirstByteTimer();
    const answer = await this.#deps.upstream.send(
      replica,
      {
        method: request.method ?? 'GET',
        path,
        headers: this.#makeHeaders(),
        sendBody: (sink) => {
          this.#stopBody = sendBody(this.#exchange, sink, { ...this.#observe(), maxBytes: this.#deps.maxBodyBytes });
        },
        onInterim: (status, raw) => {
          passOnInterim(this.#exchange, status, raw);
        },
      },
      signal,
    );
    this.#cancelFirstByte();
    return answer;
  }

  async #passOn(answer: UpstreamAnswer | UpstreamUpgrade): Promise<void> {
    const exchange = this.#exchange;
    const { coldStart } = this.#lease;
    if (coldStart !== undefined) {
      const loadMs = tryParseLoadMs(valuesOf(answer.headers, loadHeader)[0]);
      exchange.phases = makeServerPhases({ coldStart, loadMs, appMs: this.#deps.clock.monotonic() - this.#leasedAt });
    }
    this.#idle.start();
    const observer = this.#observe();
    await (answer.kind === 'upgrade' ? joinUpgraded(exchange, answer, observer) : passOn(exchange, answer, observer));
  }

  #observe(): FlowsObserver {
    return {
      flows: this.#deps.flows,
      onChunk: () => {
        this.#idle.touch();
      },
    };
  }

  #startFirstByteTimer(): void {
    const { firstByteMs } = routeOf(this.#exchange).settings.timeouts;
    if (firstByteMs > 0) {
      this.#cancelFirstByte = this.#deps.clock.schedule(firstByteMs, () => {
        this.#exchange.abort(new AppError('FirstByteTimeout', `no answer began within ${firstByteMs} ms`));
      });
    }
  }

  #makeHeaders(): string[] {
    const { request, host, requestId, traceparent, upgrade } = this.#exchange;
    return makeRequestHeaders(request.rawHeaders, {
      host,
      requestId,
      traceparent,
      clientIp: (request.socket.remoteAddress ?? 'unknown').replace(/^::ffff:/u, ''),
      // Whoever ends TLS for us says so in the headers that this one is appended to.
      proto: 'http',
      framing: framingOf(request),
      upgrade: upgrade === undefined ? '' : (request.headers.upgrade ?? ''),
    });
  }

  #explain(error: unknown): unknown {
    if (error instanceof AppError) {
      return error;
    }
    this.#deps.onUpstreamError('broken');
    const when = this.#exchange.response.headersSent ? 'during the answer' : 'before the answer began';
    return new AppError('UpstreamFailed', `the connection to the replica failed ${when}: ${errorMessage(error)}`, {
      cause: error,
    });
  }
}
