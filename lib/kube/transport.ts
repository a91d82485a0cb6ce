import { text } from 'node:stream/consumers';
import type { Clock, Random } from '../clock.ts';
import type { Agent, Connector, ResponseData } from '../http/undici.ts';
import { createAgent, createConnector, request } from '../http/undici.ts';
import { Backoff, retryAfterMs } from './backoff.ts';
import type { Connection } from './connection.ts';
import { destroyWhenDead } from './liveness.ts';
import { Semaphore } from './semaphore.ts';
import { endWhenSilent } from './silence.ts';
import { StatusError, type StatusFields } from './status-error.ts';
import { TokenSource } from './token.ts';

/** One call to the API server. */
export interface Call {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly contentType?: string;
  readonly body?: unknown;
  readonly signal?: AbortSignal;
  /** Doing it twice does no harm: it may be tried again when its outcome is unknown. */
  readonly idempotent: boolean;
}

export interface TransportOptions {
  readonly connection: Connection;
  readonly clock: Clock;
  readonly random: Random;
  /** `flint-operator/0.1.0`. */
  readonly userAgent: string;
  readonly metrics?: CallMetrics;
  /** How often a connection of HTTP/2 is asked for a sign of life; 5 s by default, so that a dead one is replaced within 20 s. */
  readonly pingMs?: number;
}

interface CallMetrics {
  /** @param code HTTP status, or 0 when no answer came. */
  called(method: string, code: number): void;
}

const attempts = 4;
/** Under way at once. Watches do not count: over HTTP/1.1 each holds a connection of its own for as long as it lasts. */
const mostCalls = 64;
/** `bodyMs`: between two pieces of an answer, but for watches. */
const timeouts = { connectMs: 10_000, headersMs: 30_000, bodyMs: 30_000, keepAliveMs: 60_000 };
/** The kernel asks an idle connection for a sign of life after this long, ten times, and gives it up. */
const probeAfterMs = 30_000;
/** Often enough that a scale write finds another connection well before the requests that wait for it are refused. */
const defaultPingMs = 5000;

/** Calls over one shared agent: authentication, retries and the reading of `Status` answers. */
export class Transport {
  readonly #options: TransportOptions;
  readonly #agent: Agent;
  readonly #calls = new Semaphore(mostCalls);
  readonly #closed = new AbortController();
  readonly #tokens: TokenSource;
  readonly #server: URL;
  /** Servers behind a proxy of clusters have one: `https://rancher.example/k8s/clusters/c-1`. */
  readonly #basePath: string;

  constructor(options: TransportOptions) {
    this.#options = options;
    this.#server = new URL(options.connection.url);
    this.#basePath = this.#server.pathname.replace(/\/$/u, '');
    this.#tokens = new TokenSource(options.connection, options.clock);
    this.#agent = createAgent({
      connect: makeConnector(options),
      h2Options: { pingInterval: pingMsOf(options) },
      headersTimeout: timeouts.headersMs,
      keepAliveTimeout: timeouts.keepAliveMs,
      // Watches stay quiet for minutes; their own guard ends them (`watch.ts`), as ours ends other answers.
      bodyTimeout: 0,
    });
  }

  /** The parsed answer. @throws StatusError when the server refused. */
  json<T>(call: Call): Promise<T> {
    return this.#calls.run(async () => JSON.parse(await this.#read(await this.open(call))) as T, call.signal);
  }

  /** The answer with its body unread, tried again where that is safe. @throws StatusError when the server refused. */
  async open(call: Call): Promise<ResponseData> {
    const backoff = new Backoff({ firstMs: 100, factor: 2, longestMs: 2000 }, this.#options.random);
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#send(call);
      } catch (error) {
        const gone = AbortSignal.any([this.#closed.signal, ...(call.signal === undefined ? [] : [call.signal])]);
        gone.throwIfAborted();
        if (attempt >= attempts || !isWorthRetrying(call, error)) {
          throw error;
        }
        const pauseMs = retryAfterMs(error, this.#options.random) ?? backoff.next();
        await this.#options.clock.sleep(pauseMs, gone);
      }
    }
  }

  /** Calls under way fail, those between two attempts too. */
  close(): Promise<void> {
    this.#closed.abort(new Error('the client was closed'));
    return this.#agent.destroy();
  }

  /** Asks once more with a new token after 401. */
  async #send(call: Call): Promise<ResponseData> {
    const response = await this.#sendOnce(call);
    if (response.statusCode === 401 && this.#tokens.rotates) {
      await response.body.dump();
      this.#tokens.expire();
      return this.#checked(await this.#sendOnce(call));
    }
    return this.#checked(response);
  }

  async #sendOnce(call: Call): Promise<ResponseData> {
    const token = await this.#tokens.get();
    const { metrics } = this.#options;
    try {
      const response = await request(this.#agent, {
        origin: this.#server.origin,
        path: `${this.#basePath}${call.path}`,
        method: call.method,
        headers: {
          accept: 'application/json',
          'user-agent': this.#options.userAgent,
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...(call.body === undefined ? {} : { 'content-type': call.contentType ?? 'application/json' }),
        },
        body: call.body === undefined ? null : JSON.stringify(call.body),
        ...(call.signal === undefined ? {} : { signal: call.signal }),
      });
      metrics?.called(call.method, response.statusCode);
      return response;
    } catch (error) {
      metrics?.called(call.method, 0);
      throw error;
    }
  }

  async #checked(response: ResponseData): Promise<ResponseData> {
    if (response.statusCode < 300) {
      return response;
    }
    throw makeStatusError(response.statusCode, response.headers['retry-after'], await this.#read(response));
  }

  /** A server that hangs in the middle of its answer must not hold the caller for ever. */
  #read({ body }: ResponseData): Promise<string> {
    return text(endWhenSilent(body, { clock: this.#options.clock, silentMs: timeouts.bodyMs }));
  }
}

function pingMsOf({ pingMs = defaultPingMs }: TransportOptions): number {
  return pingMs;
}

/**
 * Over HTTP/2 all calls and watches share one connection, and a call that is given up ends its stream only: unless the
 * connection itself is given up, nothing gets through any more once it is dead. Over HTTP/1.1 calls have their time limit and
 * take the connection along; there is nothing to ask a silent watch with but the kernel's probe.
 */
function makeConnector(options: TransportOptions): Connector {
  const { serverName, ca, certificate } = options.connection;
  const connect = createConnector({
    timeout: timeouts.connectMs,
    keepAliveInitialDelay: probeAfterMs,
    ...(serverName === undefined ? {} : { servername: serverName }),
    ...(ca === undefined ? {} : { ca }),
    ...certificate,
  });
  return (target, callback) => {
    connect(target, (...[error, socket]) => {
      if (error !== null) {
        callback(error, null);
        return;
      }
      if ('alpnProtocol' in socket && socket.alpnProtocol === 'h2') {
        destroyWhenDead(socket, { clock: options.clock, everyMs: pingMsOf(options) });
      }
      callback(null, socket);
    });
  };
}

/** The refusal in an answer, `Status` object or not. */
function makeStatusError(code: number, retryAfter: string | string[] | undefined, body: string): StatusError {
  const seconds = Number([retryAfter].flat()[0]);
  return new StatusError({
    reason: '',
    message: `the server answered ${code}: ${body.slice(0, 200)}`,
    ...(Number.isFinite(seconds) ? { retryAfterSeconds: seconds } : {}),
    ...tryParseStatus(body),
    code,
  });
}

/** metav1.Status on the wire. */
interface WireStatus {
  readonly kind?: string;
  readonly message?: string;
  readonly reason?: string;
  readonly code?: number;
  readonly details?: {
    readonly retryAfterSeconds?: number;
    readonly causes?: readonly { readonly reason?: string; readonly message?: string; readonly field?: string }[];
  };
}

function tryParseStatus(body: string): Partial<StatusFields> | undefined {
  try {
    return fieldsOf(JSON.parse(body) as WireStatus);
  } catch {
    return undefined;
  }
}

/** What a `Status` object says, for errors that come inside a watch too. */
export function fieldsOf(status: WireStatus): Partial<StatusFields> {
  return {
    ...(status.message === undefined ? {} : { message: status.message }),
    ...(status.reason === undefined ? {} : { reason: status.reason }),
    ...(status.code === undefined ? {} : { code: status.code }),
    ...(status.details?.causes === undefined ? {} : { causes: status.details.causes }),
    ...(status.details?.retryAfterSeconds === undefined ? {} : { retryAfterSeconds: status.details.retryAfterSeconds }),
  };
}

/** 429 means that nothing was done; anything else unknown or 5xx may have been. */
function isWorthRetrying(call: Call, error: unknown): boolean {
  if (error instanceof StatusError) {
    return error.code === 429 || (call.idempotent && error.code >= 500 && error.code !== 501 && error.code !== 504);
  }
  return call.idempotent;
}
