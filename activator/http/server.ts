import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Clock } from '../../lib/clock.ts';
import type { Runnable } from '../../lib/lifecycle.ts';
import type { Logger } from '../../lib/log.ts';
import { AppError } from '../errors.ts';
import type { RequestHandler } from './handler.ts';
import { makeProblem } from './problem.ts';

export interface ProxyServerOptions {
  readonly host: string;
  readonly port: number;
  readonly maxConnections: number;
  readonly maxHeaderBytes: number;
  /** How long new connections are still taken after the stop: load balancers are slow to notice. */
  readonly lameDuckMs: number;
  /** How long what runs may go on after that. */
  readonly drainMs: number;
}

export interface ProxyServerDeps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly handler: RequestHandler;
  readonly inFlight: () => number;
  /** Requests that wait are answered with ShuttingDown. */
  readonly rejectWaiting: () => void;
}

/** Clients send a head within this time or are cut off: half-sent heads are how connections are held for nothing. */
const headTimeoutMs = 30_000;
const keepAliveMs = 75_000;

/** Listens for clients, and drains when told to stop. */
export class ProxyServer implements Runnable {
  readonly name = 'proxy';
  readonly #options: ProxyServerOptions;
  readonly #deps: ProxyServerDeps;
  readonly #server: Server;
  #isStopping = false;

  constructor(options: ProxyServerOptions, deps: ProxyServerDeps) {
    this.#options = options;
    this.#deps = deps;
    this.#server = createServer(
      {
        maxHeaderSize: options.maxHeaderBytes,
        headersTimeout: headTimeoutMs,
        // A body may take as long as the function's own limit says.
        requestTimeout: 0,
        keepAliveTimeout: keepAliveMs,
        noDelay: true,
      },
      (request, response) => {
        if (this.#isStopping) {
          response.setHeader('connection', 'close');
        }
        void deps.handler.handle(request, response);
      },
    );
    this.#server.maxConnections = options.maxConnections;
    this.#server.on('upgrade', (request, socket, head) => void deps.handler.handleUpgrade(request, socket, head));
    this.#server.on('clientError', refuseMalformed);
  }

  /** True from the moment it listens until it is told to stop. */
  get isReady(): boolean {
    return this.#server.listening && !this.#isStopping;
  }

  async run(signal: AbortSignal): Promise<void> {
    this.#server.listen(this.#options.port, this.#options.host);
    await once(this.#server, 'listening');
    this.#deps.log.info('listening', { host: this.#options.host, port: this.#options.port });
    if (!signal.aborted) {
      await once(signal, 'abort');
    }
    await this.#drain();
  }

  /**
   * 1. `isReady` is false: `/readyz` answers 503, and no new clients are sent here.
   * 2. For a moment connections are still taken, each answer closing its own.
   * 3. The listener closes, and idle connections with it.
   * 4. Who waits for a replica is answered ShuttingDown; what runs goes on, as long as the drain time allows.
   * 5. What is left is cut off.
   */
  async #drain(): Promise<void> {
    const { clock, log, inFlight, rejectWaiting } = this.#deps;
    this.#isStopping = true;
    await clock.sleep(this.#options.lameDuckMs);
    this.#server.close();
    this.#server.closeIdleConnections();
    rejectWaiting();
    const deadline = clock.monotonic() + this.#options.drainMs;
    while (inFlight() > 0 && clock.monotonic() < deadline) {
      await clock.sleep(50);
    }
    if (inFlight() > 0) {
      log.warn('requests were cut off at the end of the drain time', { inFlight: inFlight() });
    }
    this.#server.closeAllConnections();
  }
}

/** What the parser refuses has no request: the answer is written by hand, and the connection is closed. */
function refuseMalformed(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const isTooLarge = error.code === 'HPE_HEADER_OVERFLOW';
  const refusal = isTooLarge
    ? new AppError('HeadersTooLarge', 'the head of the request is larger than this server takes')
    : new AppError('BadRequest', `the request is no valid HTTP: ${error.message}`);
  const problem = makeProblem(refusal, { functionKey: undefined, requestId: '' });
  const headers = Object.entries(problem.headers).map(([name, value]) => `${name}: ${value}`);
  socket.end(`HTTP/1.1 ${problem.status} \r\n${headers.join('\r\n')}\r\n\r\n${problem.body}`);
}
