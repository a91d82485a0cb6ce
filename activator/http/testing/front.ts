import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import {
  type AddressInfo,
  connect,
  createServer as createTcpServer,
  type Socket,
  type SocketConstructorOpts,
} from 'node:net';
import { type Clock, systemClock } from '../../../lib/clock.ts';
import { type LogFields, silentLogger } from '../../../lib/log.ts';
import { FakeClock } from '../../../lib/testing/fake-clock.ts';
import type { ErrorCode } from '../../errors.ts';
import type { FunctionRoute, FunctionSettings } from '../../routing/route.ts';
import { makeRandom } from '../../testing/fake-world.ts';
import { aRoute } from '../../testing/fake-function.ts';
import { makeChain } from '../chain.ts';
import type { Exchange, Handler } from '../exchange.ts';
import { HttpUpstream } from '../http-upstream.ts';
import { Ledger } from '../ledger.ts';
import { type DrainOptions, ProxyServer } from '../server.ts';
import { StandingFlows } from '../standing-flows.ts';
import type { Upstream } from '../upstream.ts';
import { FakeCapacity } from './fake-capacity.ts';

export interface FrontOptions {
  readonly timeouts?: Partial<FunctionSettings['timeouts']>;
  readonly maxInFlight?: number;
  readonly maxBodyBytes?: number;
  readonly maxBufferedBytes?: number;
  readonly maxAttempts?: number;
  readonly maxHeaderBytes?: number;
  readonly drain?: Partial<DrainOptions>;
  readonly clock?: Clock;
  /** In place of the real one. */
  readonly upstream?: Upstream;
}

/** The whole HTTP half of an activator on a free port, before a capacity that a test decides about. */
export class Front {
  readonly clock: FakeClock;
  readonly capacity = new FakeCapacity();
  readonly ledger = new Ledger();
  readonly flows: StandingFlows;
  readonly upstream: HttpUpstream;
  readonly server: ProxyServer;
  readonly log: LogFields[] = [];
  readonly ended: Exchange[] = [];
  readonly malformed: ErrorCode[] = [];
  readonly problems: ErrorCode[] = [];
  readonly upstreamErrors: string[] = [];
  readonly #stop = new AbortController();
  #running: Promise<void> = Promise.resolve();

  port = 0;

  constructor(options: FrontOptions = {}) {
    this.clock = new FakeClock();
    this.flows = new StandingFlows(options.maxBufferedBytes ?? Infinity);
    const clock = options.clock ?? this.clock;
    this.upstream = new HttpUpstream({ clock, connectMs: 2000, keepAliveMs: 4000, maxHeaderBytes: 32_768 });
    this.server = new ProxyServer(
      {
        listen: { host: '127.0.0.1', port: 0 },
        maxConnections: 1000,
        maxHeaderBytes: options.maxHeaderBytes ?? 16_384,
        headerMs: 10_000,
        keepAliveMs: 60_000,
        drain: { lameDuckMs: 0, drainMs: 0, ...options.drain },
      },
      {
        handle: this.#makeHandler(options, clock),
        ledger: this.ledger,
        clock,
        log: silentLogger,
        onMalformed: (code) => this.malformed.push(code),
      },
    );
  }

  #makeHandler(options: FrontOptions, clock: Clock): Handler {
    const route = aRouteWith(options.timeouts);
    return makeChain({
      ledger: this.ledger,
      routes: {
        find: (host) => (host.startsWith('hello.shop') ? route : undefined),
        explainMiss: (host) => `no function has the host '${host}'`,
      },
      random: makeRandom(1),
      accessLog: { clock, enabled: true, log: { info: (_message, fields = {}) => this.log.push(fields) } },
      metrics: { clock, onEnd: (exchange) => this.ended.push(exchange) },
      problems: { log: silentLogger, onProblem: (code) => this.problems.push(code) },
      admission: { maxInFlight: options.maxInFlight ?? 1000 },
      forwarding: {
        capacity: this.capacity,
        upstream: options.upstream ?? this.upstream,
        clock,
        maxAttempts: options.maxAttempts ?? 3,
        maxBodyBytes: options.maxBodyBytes ?? 0,
        flows: this.flows,
        onUpstreamError: (kind) => this.upstreamErrors.push(kind),
      },
    });
  }

  async start(): Promise<this> {
    await this.server.listen();
    this.port = this.server.port;
    this.#running = this.server.run(this.#stop.signal);
    return this;
  }

  /** Begins the drain. */
  signalStop(): void {
    this.#stop.abort();
  }

  /** Resolves when the drain is over. */
  get stopped(): Promise<void> {
    return this.#running;
  }

  async stop(): Promise<void> {
    this.signalStop();
    for (const _step of [1, 2, 3, 4]) {
      await this.clock.advance(60_000);
    }
    await this.#running;
    this.upstream.close();
  }
}

function aRouteWith(timeouts: FrontOptions['timeouts']): FunctionRoute {
  const route = aRoute();
  const { settings } = route;
  return { ...route, settings: { ...settings, timeouts: { ...settings.timeouts, ...timeouts } } };
}

/** Everything that a test opened, closed after it. */
export class Bench {
  readonly #closers: (() => unknown)[] = [];

  async front(options: FrontOptions = {}): Promise<Front> {
    const front = await new Front(options).start();
    this.#closers.push(() => front.stop());
    return front;
  }

  /** A replica, and the front before it. */
  async frontOf(listener: RequestListener, options: FrontOptions = {}): Promise<Front> {
    const front = await this.front(options);
    front.capacity.add(await this.replica(listener));
    return front;
  }

  /** @returns its port */
  async replica(listener: RequestListener): Promise<number> {
    return this.listen(createServer(listener));
  }

  /** @returns the port of a replica that is nothing but its connections */
  async rawReplica(onSocket: (socket: Socket) => void): Promise<number> {
    const sockets = new Set<Socket>();
    this.#closers.push(() => {
      sockets.forEach((socket) => socket.destroy());
    });
    return this.listen(
      createTcpServer((socket) => {
        sockets.add(socket);
        socket.on('error', () => undefined);
        onSocket(socket);
      }),
    );
  }

  /** @returns a port where nobody listens */
  async deadPort(): Promise<number> {
    const server = createTcpServer();
    const port = await this.listen(server);
    server.close();
    await once(server, 'close');
    return port;
  }

  async listen(server: Server | ReturnType<typeof createTcpServer>): Promise<number> {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    this.#closers.push(() => {
      server.close();
      if ('closeAllConnections' in server) {
        server.closeAllConnections();
      }
    });
    return (server.address() as AddressInfo).port;
  }

  /** A client that is nothing but a connection. */
  async connect(port: number, options: Pick<SocketConstructorOpts, 'allowHalfOpen'> = {}): Promise<RawClient> {
    const socket = connect({ port, host: '127.0.0.1', ...options });
    await once(socket, 'connect');
    this.#closers.push(() => socket.destroy());
    return new RawClient(socket);
  }

  async close(): Promise<void> {
    for (const close of this.#closers.splice(0).reverse()) {
      await close();
    }
  }
}

export class RawClient {
  readonly socket: Socket;
  text = '';
  /** Both ways, cleanly or not. */
  readonly closed: Promise<unknown>;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.setEncoding('latin1');
    socket.on('data', (chunk: string) => {
      this.text += chunk;
    });
    socket.on('error', () => undefined);
    this.closed = new Promise((resolve) => socket.once('close', resolve));
  }

  send(text: string): this {
    this.socket.write(text, 'latin1');
    return this;
  }

  /** Resolves once `part` has been received. */
  async until(part: string): Promise<string> {
    while (!this.text.includes(part)) {
      await Promise.race([
        once(this.socket, 'data'),
        this.closed.then(() => {
          if (!this.text.includes(part)) {
            throw new Error(`closed before ${JSON.stringify(part)}: ${JSON.stringify(this.text)}`);
          }
        }),
      ]);
    }
    return this.text;
  }
}

/** Resolves when `condition` holds; looks at every turn of the event loop, for nearly as long as a test may take. */
export async function until(condition: () => boolean, what = 'the condition'): Promise<void> {
  const deadline = systemClock.monotonic() + 15_000;
  while (!condition()) {
    if (systemClock.monotonic() > deadline) {
      throw new Error(`${what} did not come true`);
    }
    const { promise, resolve } = Promise.withResolvers<undefined>();
    setImmediate(() => {
      resolve(undefined);
    });
    await promise;
  }
}

export async function readAll(message: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) {
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString();
}

export const respond: (text: string) => RequestListener = (text) => (_request, response: ServerResponse) => {
  response.end(text);
};
