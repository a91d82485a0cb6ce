import { once } from 'node:events';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { type AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Clock } from '../../lib/clock.ts';
import { createServer, ServerResponse as NodeServerResponse } from '../../lib/http/node-http.ts';
import type { Runnable } from '../../lib/lifecycle.ts';
import type { Logger } from '../../lib/log.ts';
import { AppError, type ErrorCode } from '../errors.ts';
import { answerRaw, explainClientError } from './client-error.ts';
import { Exchange, type Handler } from './exchange.ts';
import type { Ledger } from './ledger.ts';
import { hasBody } from './request-body.ts';

export interface ProxyServerOptions {
  readonly listen: { readonly host: string; readonly port: number };
  readonly maxConnections: number;
  /** Of a request's line and headers together. */
  readonly maxHeaderBytes: number;
  /** How long these may take to arrive. */
  readonly headerMs: number;
  /** How long an idle connection is kept for the next request. */
  readonly keepAliveMs: number;
  readonly drain: DrainOptions;
}

export interface DrainOptions {
  /** How long connections are accepted after the process calls itself not ready. */
  readonly lameDuckMs: number;
  /** How long requests may then take to end. */
  readonly drainMs: number;
}

export interface ProxyServerDeps {
  readonly handle: Handler;
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly log: Logger;
  /** Answered before there was a request to hand on. */
  readonly onMalformed: (code: ErrorCode) => void;
}

/** How long what is left of a body is read after its answer: closing at once could destroy the answer on its way. */
const lingerMs = 5000;
/** Silence after which a client is asked whether it is still there. One that vanished without a word held its place for ever. */
const probeAfterMs = 30_000;
/** How long the last answers of a drain may take to leave. */
const lastAnswersMs = 1000;

/** The listening side: connections, heads, and the order in which all of it ends. */
export class ProxyServer implements Runnable {
  readonly name = 'proxy';
  readonly #options: ProxyServerOptions;
  readonly #deps: ProxyServerDeps;
  readonly #server: Server;
  /** What is under way on each connection, oldest first: clients may send the next request before the answer to the last. */
  readonly #exchanges = new Map<Duplex, Set<Exchange>>();
  readonly #refused = new WeakSet<Duplex>();
  #isDraining = false;

  constructor(options: ProxyServerOptions, deps: ProxyServerDeps) {
    this.#options = options;
    this.#deps = deps;
    this.#server = this.#makeServer();
  }

  /** Takes requests, and wants more. */
  get isReady(): boolean {
    return this.#server.listening && !this.#isDraining;
  }

  /** What it listens on; of use when port 0 was asked for. */
  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async listen(): Promise<void> {
    this.#server.listen(this.#options.listen.port, this.#options.listen.host);
    await once(this.#server, 'listening');
  }

  async run(signal: AbortSignal): Promise<void> {
    if (!this.#server.listening) {
      await this.listen();
    }
    this.#deps.log.info('listening', { host: this.#options.listen.host, port: this.port });
    if (!signal.aborted) {
      await once(signal, 'abort');
    }
    await this.#drain();
  }

  /**
   * 1. Not ready: load balancers are to send their next connection elsewhere; answers say `Connection: close`.
   * 2. Connections are still accepted for a while, since nobody notices at once.
   * 3. None is accepted any more, idle ones are closed.
   * 4. What is under way goes on, waiting requests included, until all is done or the time is up.
   * 5. Who is still waiting or has no answer yet is told ShuttingDown; answers that have begun are cut off.
   * 6. Whatever is left is closed.
   */
  async #drain(): Promise<void> {
    const { clock, ledger, log } = this.#deps;
    const { lameDuckMs, drainMs } = this.#options.drain;
    this.#isDraining = true;
    for (const { response } of ledger.inFlight) {
      response.shouldKeepAlive = false;
    }
    log.info('draining', { inFlight: ledger.inFlight.size, lameDuckMs, drainMs });
    await clock.sleep(lameDuckMs);

    this.#server.close();
    await this.#untilIdle(drainMs);

    if (ledger.inFlight.size > 0) {
      log.warn('drain time is up', { inFlight: ledger.inFlight.size });
      for (const exchange of ledger.inFlight) {
        exchange.abort(new AppError('ShuttingDown', 'this activator is shutting down', { retryAfterSeconds: 1 }));
      }
      await this.#untilIdle(lastAnswersMs);
    }

    for (const exchange of ledger.inFlight) {
      exchange.cut();
    }
    this.#server.closeAllConnections();
    log.info('drained', { ...ledger.counts });
  }

  async #untilIdle(ms: number): Promise<void> {
    const done = new AbortController();
    const idle = this.#deps.ledger.untilIdle().then(() => {
      done.abort();
    });
    const timeout = this.#deps.clock.sleep(ms, done.signal).catch(() => undefined);
    await Promise.race([idle, timeout]);
  }

  #makeServer(): Server {
    const { maxHeaderBytes, headerMs, keepAliveMs, maxConnections } = this.#options;
    const server = createServer({
      maxHeaderSize: maxHeaderBytes,
      headersTimeout: headerMs,
      keepAliveTimeout: keepAliveMs,
      // An upload takes as long as the function's own timeouts allow.
      requestTimeout: 0,
      // A missing or repeated Host is answered like every other bad request.
      requireHostHeader: false,
      keepAlive: true,
      keepAliveInitialDelay: probeAfterMs,
      shouldUpgradeCallback: (request) => mayUpgrade(request) && this.#underWay(request.socket).length === 0,
    });
    server.maxConnections = maxConnections;
    // Bounded by bytes; beyond a count Node would drop headers and say nothing.
    server.maxHeadersCount = 0;
    server.on('connection', (socket) => {
      void this.#guard(socket, () => {
        this.#accept(socket);
      });
    });
    const serve = (request: IncomingMessage, response: ServerResponse): void => {
      void this.#guard(request.socket, () => this.#serve(request, response));
    };
    server.on('request', serve);
    server.on('checkExpectation', serve);
    server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
      void this.#guard(request.socket, () => this.#serve(request, response, { expectsContinue: true }));
    });
    server.on('upgrade', (request, _socket, head) => {
      void this.#guard(request.socket, () => this.#upgrade(request, head));
    });
    server.on('connect', ({ socket }) => {
      void this.#guard(socket, () => this.#connect(socket));
    });
    server.on('clientError', (error, socket) => {
      void this.#guard(socket, () => {
        this.#clientError(error, socket);
      });
    });
    return server;
  }

  /** What is thrown where Node emits would end the process; so it ends its connection. */
  async #guard(socket: Duplex, handle: () => void | Promise<void>): Promise<void> {
    try {
      await handle();
    } catch (error) {
      this.#deps.log.error('a connection failed outside of its handling', { error });
      socket.destroy();
    }
  }

  /** Node tells only the answer whose turn it is that its connection has closed; the others would wait forever. */
  #accept(socket: Socket): void {
    const exchanges = new Set<Exchange>();
    this.#exchanges.set(socket, exchanges);
    socket.once('close', () => {
      this.#exchanges.delete(socket);
      for (const exchange of exchanges) {
        exchange.close();
      }
    });
  }

  async #serve(
    request: IncomingMessage,
    response: ServerResponse,
    extra: { readonly upgrade?: Duplex; readonly expectsContinue?: boolean } = {},
  ): Promise<void> {
    const { clock, handle, ledger, log } = this.#deps;
    const exchange = new Exchange({ request, response, arrivedAt: clock.monotonic(), ...extra });
    this.#exchanges.get(request.socket)?.add(exchange);
    if (hasBody(request)) {
      closeAfterBody(request);
    }
    if (this.#isDraining) {
      response.shouldKeepAlive = false;
    }
    ledger.accept(exchange);
    try {
      await handle(exchange);
    } catch (error) {
      log.error('a request failed outside of its handling', { error });
      exchange.cut();
    }
    this.#exchanges.get(request.socket)?.delete(exchange);
    this.#discardBody(request);
  }

  /** The answer is out, the client still sends. */
  #discardBody(request: IncomingMessage): void {
    if (request.complete || request.destroyed) {
      return;
    }
    const cancel = this.#deps.clock.schedule(lingerMs, () => {
      request.socket.destroy();
    });
    request.once('close', cancel);
    request.resume();
  }

  async #upgrade(request: IncomingMessage, head: Buffer): Promise<void> {
    const { socket } = request;
    // Node lets go of the connection here; an error on it would end the process. 'close' follows and tells the rest.
    socket.on('error', () => undefined);
    socket.unshift(head);
    const response = new NodeServerResponse(request);
    response.assignSocket(socket);
    response.shouldKeepAlive = false;
    // Only without an upgrade there is an answer that finishes.
    response.once('finish', () => {
      socket.destroySoon();
    });
    const served = this.#serve(request, response, { upgrade: socket });
    const exchanges = this.#underWay(socket);
    relayDrain(socket, exchanges);
    for (const exchange of exchanges) {
      watchForEnd(socket, exchange);
    }
    await served;
  }

  /** It is refused in its turn: Node lets go of the connection at once, also while earlier answers are to go out on it. */
  async #connect(socket: Socket): Promise<void> {
    const problem = new AppError('BadRequest', 'CONNECT is not supported');
    const earlier = this.#underWay(socket);
    if (earlier.length === 0) {
      this.#refuse(socket, problem);
      return;
    }
    this.#refused.add(socket);
    socket.on('error', () => undefined);
    relayDrain(socket, earlier);
    // Read on to see whether the client leaves.
    socket.once('end', () => socket.destroy()).resume();
    await Promise.all(earlier.map(({ closed }) => closed));
    if (socket.writable) {
      this.#refuse(socket, problem);
    }
  }

  /** Oldest first. */
  #underWay(socket: Duplex): readonly Exchange[] {
    return [...(this.#exchanges.get(socket) ?? [])];
  }

  #clientError(error: Error & { readonly code?: string }, socket: Duplex): void {
    const problem = explainClientError(error);
    const exchange = this.#underWay(socket).at(-1);
    if (this.#refused.has(socket)) {
      // More of what was refused already; it is read and thrown away.
    } else if (problem === undefined || !socket.writable) {
      socket.destroy();
    } else if (exchange === undefined) {
      this.#refuse(socket, problem);
    } else {
      exchange.response.shouldKeepAlive = false;
      if (!exchange.request.complete) {
        exchange.abort(problem);
      }
    }
  }

  #refuse(socket: Duplex, problem: AppError): void {
    this.#deps.onMalformed(problem.code);
    this.#refused.add(socket);
    socket.on('error', () => undefined);
    answerRaw(socket, problem);
    socket.resume();
    socket.once(
      'close',
      this.#deps.clock.schedule(lingerMs, () => {
        socket.destroy();
      }),
    );
  }
}

/**
 * With an answer that is the last of its connection Node closes that at once: to a client that still sends, a reset, which
 * could destroy the answer on its way. Closed for writing only, the connection waits for the rest of the body.
 */
function closeAfterBody(request: IncomingMessage): void {
  const { socket } = request;
  const close = (): void => {
    Socket.prototype.destroySoon.call(socket);
  };
  socket.destroySoon = () => {
    if (request.complete) {
      close();
    } else {
      socket.end();
      request.once('end', close);
    }
  };
}

/**
 * A proxy may ignore the wish, and has to in HTTP/1.0 (RFC 9110, 7.8). It does so for HTTP/2, which has its own way in, where
 * a body would come first, and where answers are still to go out: Node would give the connection away under them.
 */
function mayUpgrade(request: IncomingMessage): boolean {
  const protocols = request.headers.upgrade ?? '';
  return request.httpVersionMinor === 1 && !hasBody(request) && !/\bh2c?\b/iu.test(protocols);
}

/** Node's servers tell the answer on a connection when that takes more, but for connections they have let go of. */
function relayDrain(socket: Socket, exchanges: readonly Exchange[]): void {
  socket.on('drain', () => {
    exchanges.find(({ response }) => response.socket === socket)?.response.emit('drain');
  });
}

/**
 * Until its protocol is changed: who ends the connection has left. That is only seen while somebody reads; what comes
 * early is put back for whoever reads then.
 */
function watchForEnd(socket: Socket, exchange: Exchange): void {
  socket.once('end', () => {
    if (!exchange.isUpgraded) {
      exchange.abandon();
      socket.destroy();
    }
  });
  socket.once('data', (chunk: Buffer) => {
    if (!exchange.isUpgraded) {
      socket.pause();
      socket.unshift(chunk);
    }
  });
}
