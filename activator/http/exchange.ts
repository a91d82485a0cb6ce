import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { ErrorCode } from '../errors.ts';
import type { FunctionRoute } from '../routing/route.ts';

/** One step of the way that a request goes. Resolves when the exchange is over as far as this step can tell. */
export type Handler = (exchange: Exchange) => Promise<void>;

/** Puts a step around all that come after it. */
export type Layer = (next: Handler) => Handler;

/** The client left before its answer was complete. Nobody is told; whatever was done for it ends. */
export class ClientGone extends Error {
  override readonly name = 'ClientGone';

  constructor() {
    super('the client left before its answer was complete');
  }
}

export interface ExchangeFields {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** clock.monotonic */
  readonly arrivedAt: number;
  /** Set when the client asked for another protocol: what is left of the connection. */
  readonly upgrade?: Duplex;
  /** The client sends its body only after `100 Continue`. */
  readonly expectsContinue?: boolean;
}

/** One request with its answer, and what the steps learnt about it. */
export class Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly arrivedAt: number;
  readonly upgrade: Duplex | undefined;
  readonly expectsContinue: boolean;
  /** Resolves when nothing more can be sent to the client: answered, cut off, or left. */
  readonly closed: Promise<void>;
  /** The host and path that the client means; set by the addressing layer. */
  host = '';
  path = '';
  requestId = '';
  traceparent = '';
  route: FunctionRoute | undefined;
  revisionName: string | undefined;
  replicaId: string | undefined;
  /** Set when the platform answered, or cut off the answer of the function. */
  code: ErrorCode | undefined;
  /** Of a cold start in milliseconds, in the order in which they passed. */
  phases: Readonly<Record<string, number>> | undefined;
  /** Bytes of the bodies, as far as they were passed on. */
  requestBytes = 0;
  responseBytes = 0;
  /** `100 Continue` was sent. */
  isContinued = false;
  /** The connection speaks another protocol now. */
  isUpgraded = false;
  readonly #abort = new AbortController();
  readonly #closed = Promise.withResolvers<void>();
  #isAbandoned = false;
  #isCut = false;

  constructor(fields: ExchangeFields) {
    this.request = fields.request;
    this.response = fields.response;
    this.arrivedAt = fields.arrivedAt;
    this.upgrade = fields.upgrade;
    this.expectsContinue = fields.expectsContinue ?? false;
    this.closed = this.#closed.promise;
    this.response.once('close', () => {
      this.close();
    });
    // Told for what is written after the end; nobody waits for it, and unheard it would end the process.
    this.response.on('error', () => undefined);
  }

  /** Aborts when the exchange cannot go on: the client left, or a time is up. The reason says which. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** The client left before its answer was complete. */
  get isAbandoned(): boolean {
    return this.#isAbandoned;
  }

  /** The first reason counts. */
  abort(reason: Error): void {
    this.#abort.abort(reason);
  }

  /** The answer is out, or its connection is gone; what comes second changes nothing. */
  close(): void {
    const isOver = this.response.writableFinished || this.isUpgraded || this.#isCut;
    if (!isOver) {
      this.abandon();
    }
    this.#closed.resolve();
  }

  /** The client left. Where the platform had given up first, that stays the reason. */
  abandon(): void {
    if (!this.signal.aborted) {
      this.#isAbandoned = true;
      this.abort(new ClientGone());
    }
  }

  /** Waits for {@link closed}. @throws the signal's reason when that comes first. */
  async untilClosed(): Promise<void> {
    const { promise, reject } = Promise.withResolvers<never>();
    const onAbort = (): void => {
      reject(this.signal.reason as Error);
    };
    this.signal.addEventListener('abort', onAbort, { once: true });
    if (this.signal.aborted) {
      onAbort();
    }
    try {
      await Promise.race([promise, this.closed]);
    } finally {
      this.signal.removeEventListener('abort', onAbort);
    }
  }

  /** Ends the connection in a way that no client takes for the end of an answer. */
  cut(): void {
    this.#isCut = true;
    const { request, response } = this;
    if (response.socket === null) {
      // Earlier answers go out first. In its turn Node would wait for what is left of this one.
      response.once('socket', (socket: Socket) => socket.destroy());
    } else if (request.httpVersion === '1.0' && response.headersSent && !request.socket.writableEnded) {
      // There the end of the connection may be the end of the answer; a reset is neither. Once the connection is ending it
      // cannot be reset any more: Node fails to, and then never closes it.
      request.socket.resetAndDestroy();
    }
    this.upgrade?.destroy();
    response.destroy();
  }
}

/** What the routing layer has found; only before it there is none. */
export function routeOf(exchange: Exchange): FunctionRoute {
  if (exchange.route === undefined) {
    throw new Error('the exchange has no route yet');
  }
  return exchange.route;
}
