import { once } from 'node:events';
import {
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type RequestListener,
  type Server,
} from 'node:http';
import { type AddressInfo, connect, createServer as createTcpServer, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../lib/clock.ts';
import { silentLogger } from '../../lib/log.ts';
import { Metrics } from '../../lib/metrics.ts';
import type { Capacity, CapacityRequest, Lease } from '../capacity.ts';
import { AppError } from '../errors.ts';
import type { FunctionRoute } from '../routing/route.ts';
import { RequestHandler } from './handler.ts';
import { Observer } from './observe.ts';
import { Proxy } from './proxy.ts';
import { HttpUpstream } from './upstream.ts';

/** Hands out the ports it was given, in turn, and remembers what became of the leases. */
class FakeCapacity implements Capacity {
  readonly ports: number[] = [];
  readonly requests: CapacityRequest[] = [];
  out = 0;
  failed = 0;
  coldStart: Lease['coldStart'];
  refusal: AppError | undefined;
  wait: Promise<void> | undefined;

  async acquire(_route: FunctionRoute, request: CapacityRequest): Promise<Lease> {
    this.requests.push(request);
    if (this.refusal !== undefined) {
      throw this.refusal;
    }
    if (this.wait !== undefined) {
      const { promise, reject } = Promise.withResolvers<never>();
      request.signal.addEventListener('abort', () => {
        reject(request.signal.reason as Error);
      });
      await Promise.race([this.wait, promise]);
    }
    const port = this.ports.length > 1 ? (this.ports.shift() ?? 0) : (this.ports[0] ?? 0);
    this.out += 1;
    let open = true;
    const close = (): boolean => {
      const was = open;
      open = false;
      this.out -= was ? 1 : 0;
      return was;
    };
    return {
      replica: { id: String(port), host: '127.0.0.1', port, protocol: 'Http1' },
      revisionName: 'hello-1',
      coldStart: this.coldStart,
      release: () => void close(),
      fail: () => {
        this.failed += close() ? 1 : 0;
      },
    };
  }
}

const timeouts = { requestMs: 10_000, firstByteMs: 0, idleMs: 0, drainMs: 0 };
const route = {
  key: 'shop/hello',
  namespace: 'shop',
  name: 'hello',
  targets: [],
  settings: { timeouts },
} as unknown as FunctionRoute;

let capacity = new FakeCapacity();
let upstream = new HttpUpstream();
let metrics = new Metrics();
let limits = timeouts;
let front: Server;
let closers: (() => void)[] = [];

beforeEach(async () => {
  capacity = new FakeCapacity();
  upstream = new HttpUpstream();
  metrics = new Metrics();
  limits = timeouts;
  const handler = new RequestHandler({
    clock: systemClock,
    log: silentLogger,
    routes: {
      find: (host) =>
        host === 'hello.shop' ? { ...route, settings: { ...route.settings, timeouts: limits } } : undefined,
      suggest: () => ['hello.shop'],
    },
    proxy: new Proxy({ clock: systemClock, capacity, upstream }),
    observer: new Observer({ clock: systemClock, log: silentLogger, metrics, accessLog: false }),
    maxInFlight: 100,
  });
  front = createServer((request, response) => void handler.handle(request, response));
  front.on('upgrade', (request, socket, head) => void handler.handleUpgrade(request, socket, head));
  await listen(front);
  closers = [
    () => {
      front.closeAllConnections();
      front.close();
      upstream.close();
    },
  ];
});

afterEach(async () => {
  closers.forEach((close) => {
    close();
  });
  // I6, after every one of these stories: nobody is lost from the books.
  expect(await metrics.render()).toMatch(/^flint_activator_unaccounted 0$/mu);
});

async function listen(server: Server | ReturnType<typeof createTcpServer>): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

async function backend(listener: RequestListener): Promise<Server> {
  const server = createServer(listener);
  capacity.ports.push(await listen(server));
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return server;
}

interface CallOptions {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string | Readable;
  readonly signal?: AbortSignal;
  readonly host?: string;
}

async function call(options: CallOptions = {}): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const request = httpRequest(
    {
      port: (front.address() as AddressInfo).port,
      host: '127.0.0.1',
      method: options.method ?? 'GET',
      path: '/a?b=c',
      agent: false,
      headers: { host: options.host ?? 'hello.shop', ...options.headers },
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    },
    resolve,
  );
  request.once('error', reject);
  if (options.body instanceof Readable) {
    options.body.pipe(request);
  } else {
    request.end(options.body);
  }
  return promise;
}

describe('a request', () => {
  it('arrives as it was sent, and its answer comes back as it was given', async () => {
    await backend((request, response) => {
      void text(request).then((body) => {
        response.writeHead(418, 'Teapot', ['X-A', '1', 'X-A', '2', 'Set-Cookie', 'a', 'Set-Cookie', 'b']);
        response.end(`${request.method ?? ''} ${request.url ?? ''} ${request.headers.host ?? ''} ${body}`);
      });
    });
    const answer = await call({ method: 'POST', body: 'hi' });
    expect(answer.statusCode).toBe(418);
    expect(answer.statusMessage).toBe('Teapot');
    expect(answer.headersDistinct['x-a']).toEqual(['1', '2']);
    expect(answer.headers['set-cookie']).toEqual(['a', 'b']);
    expect(await text(answer)).toBe('POST /a?b=c hello.shop hi');
    expect(capacity.out).toBe(0);
  });

  it('for an unknown host is told so with what is near', async () => {
    const answer = await call({ host: 'nobody' });
    expect(answer.statusCode).toBe(404);
    expect(await text(answer)).toContain('did you mean hello.shop?');
  });

  it('that may not wait is refused as the queue says', async () => {
    capacity.refusal = new AppError('QueueFull', 'full', { retryAfterSeconds: 3 });
    const answer = await call();
    expect([answer.statusCode, answer.headers['flint-error'], answer.headers['retry-after']]).toEqual([
      429,
      'QueueFull',
      '3',
    ]);
    answer.resume();
  });

  it('HEAD gets a head and no body', async () => {
    await backend((_request, response) => {
      response.writeHead(200, { 'content-length': '5' }).end();
    });
    const answer = await call({ method: 'HEAD' });
    expect(answer.headers['content-length']).toBe('5');
    expect(await text(answer)).toBe('');
  });

  it('that waited for a cold start is told its phases, with the time to load out of the start', async () => {
    capacity.coldStart = { queue: 1, schedule: 2, start: 30 };
    await backend((_request, response) => {
      response.writeHead(200, { 'flint-load-ms': '4.5' }).end();
    });
    const answer = await call();
    answer.resume();
    expect(answer.headers['server-timing']).toMatch(
      /^queue;dur=1\.0, schedule;dur=2\.0, start;dur=25\.5, load;dur=4\.5, app;dur=[0-9.]+$/u,
    );
    expect(answer.headers).not.toHaveProperty('flint-load-ms');
  });
});

describe('I4: a request that no replica took', () => {
  it('goes to another one, and the body with it', async () => {
    capacity.ports.push(await refusingPort());
    await backend((request, response) => {
      request.pipe(response);
    });
    const answer = await call({ method: 'POST', body: Readable.from(['a', 'b', 'c']) });
    expect(await text(answer)).toBe('abc');
    expect([capacity.failed, capacity.out]).toEqual([1, 0]);
    expect([...(capacity.requests[1]?.avoid ?? [])]).toHaveLength(1);
  });

  it('fails with UpstreamFailed when all refuse', async () => {
    capacity.ports.push(await refusingPort());
    const answer = await call();
    expect([answer.statusCode, answer.headers['flint-error']]).toEqual([502, 'UpstreamFailed']);
    expect(capacity.requests).toHaveLength(4);
    answer.resume();
  });

  it('is not sent twice once a replica has seen something of it', async () => {
    let seen = 0;
    const server = createTcpServer((socket) => {
      socket.once('data', () => {
        seen += 1;
        socket.destroy();
      });
    });
    capacity.ports.push(await listen(server));
    closers.push(() => server.close());
    const answer = await call();
    expect([answer.statusCode, answer.headers['flint-error'], seen]).toEqual([502, 'UpstreamFailed', 1]);
    answer.resume();
  });
});

async function refusingPort(): Promise<number> {
  const server = createTcpServer();
  const port = await listen(server);
  server.close();
  await once(server, 'close');
  return port;
}

describe('streams', () => {
  it('a slow client slows the function down', async () => {
    let written = 0;
    await backend((_request, response) => {
      const chunk = Buffer.alloc(256 * 1024);
      const write = (): void => {
        while (written < 64 * 1024 * 1024 && response.write(chunk)) {
          written += chunk.length;
        }
      };
      response.on('drain', write);
      write();
    });
    const answer = await call();
    answer.pause();
    let before = -1;
    while (before !== written) {
      before = written;
      await systemClock.sleep(100);
    }
    // What sockets and streams hold between the two, and no more.
    expect(written).toBeLessThan(32 * 1024 * 1024);
    answer.destroy();
  });

  it('an answer that breaks off is seen to break off, never as complete', async () => {
    await backend((_request, response) => {
      response.writeHead(200);
      response.write('half', () => response.destroy());
    });
    const answer = await call();
    await expect(text(answer)).rejects.toThrow('aborted');
    await expect.poll(() => capacity.out).toBe(0);
  });

  it('a client that leaves takes the request to the function with it and frees the place', async () => {
    const { promise: gone, resolve } = Promise.withResolvers<void>();
    await backend((request, response) => {
      request.once('close', resolve);
      response.write('started');
    });
    const leaving = new AbortController();
    const answer = await call({ signal: leaving.signal });
    await once(answer, 'data');
    leaving.abort();
    answer.on('error', () => undefined);
    await gone;
    await expect.poll(() => capacity.out).toBe(0);
  });

  it('a client that leaves while it waits is forgotten by the queue', async () => {
    capacity.wait = new Promise(() => undefined);
    const leaving = new AbortController();
    const answer = call({ signal: leaving.signal });
    await expect.poll(() => capacity.requests.length).toBe(1);
    leaving.abort();
    await expect(answer).rejects.toThrow();
    await expect.poll(() => capacity.requests[0]?.signal.aborted).toBe(true);
  });
});

describe('time limits', () => {
  const cases = [
    { name: 'the whole request', limits: { ...timeouts, requestMs: 50 }, code: 'RequestTimeout' },
    { name: 'the first byte', limits: { ...timeouts, firstByteMs: 50 }, code: 'FirstByteTimeout' },
  ];
  for (const tc of cases) {
    it(`of ${tc.name} answer 504 ${tc.code}`, async () => {
      limits = tc.limits;
      await backend(() => undefined);
      const answer = await call();
      expect([answer.statusCode, answer.headers['flint-error']]).toEqual([504, tc.code]);
      answer.resume();
      expect(capacity.out).toBe(0);
    });
  }

  it('of a gap in the answer break it off', async () => {
    limits = { ...timeouts, idleMs: 50 };
    await backend((_request, response) => {
      response.write('a');
    });
    const answer = await call();
    await expect(text(answer)).rejects.toThrow('aborted');
  });
});

describe('a connection that switches protocols', () => {
  it('carries bytes both ways until one side closes, and counts as in flight until then', async () => {
    const server = await backend(() => undefined);
    server.on('upgrade', (_request: IncomingMessage, socket: Socket) => {
      socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n');
      socket.pipe(socket);
    });
    const client = connect((front.address() as AddressInfo).port, '127.0.0.1');
    client.write('GET / HTTP/1.1\r\nHost: hello.shop\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n');
    const [head] = (await once(client, 'data')) as [Buffer];
    expect(head.toString()).toMatch(/^HTTP\/1\.1 101 .*upgrade: echo/isu);
    client.write('ping');
    const [echo] = (await once(client, 'data')) as [Buffer];
    expect(echo.toString()).toBe('ping');
    expect(capacity.out).toBe(1);
    client.destroy();
    await expect.poll(() => capacity.out).toBe(0);
  });
});
