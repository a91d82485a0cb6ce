import { once } from 'node:events';
import type { OutgoingMessage } from 'node:http';
import { PassThrough } from 'node:stream';
import { afterEach, describe, expect, it } from 'vitest';
import { AppError } from '../errors.ts';
import { Bench, readAll, respond, until } from './testing/front.ts';
import { type Upstream, UpstreamError } from './upstream.ts';

const bench = new Bench();
afterEach(() => bench.close());

const get = 'GET /path?q=1 HTTP/1.1\r\nHost: hello.shop\r\n\r\n';
const headOf = (text: string): string => text.slice(0, text.indexOf('\r\n\r\n'));

describe('a request that a replica answers', () => {
  it('arrives with its path, its host and what the platform adds, and nothing of the client connection', async () => {
    let seen: Record<string, unknown> = {};
    const front = await bench.frontOf((request, response) => {
      seen = { url: request.url, ...request.headers };
      response.setHeader('x-answer', 'yes');
      response.end('hi');
    });
    const client = await bench.connect(front.port);
    client.send(
      'GET /path?q=1 HTTP/1.1\r\nHost: hello.shop:81\r\nConnection: x-secret\r\nX-Secret: 1\r\nX-Kept: a\r\nX-Kept: b\r\n' +
        'X-Forwarded-For: 9.9.9.9\r\nForwarded: for=9.9.9.9\r\nKeep-Alive: 5\r\nTE: trailers\r\n\r\n',
    );
    const answer = await client.until('hi');
    expect(headOf(answer)).toMatch(/^HTTP\/1.1 200 OK\r\n/u);
    expect(headOf(answer)).toMatch(/x-answer: yes/u);
    expect(seen).toMatchObject({
      url: '/path?q=1',
      host: 'hello.shop:81',
      'x-kept': 'a, b',
      'x-forwarded-for': '9.9.9.9, 127.0.0.1',
      'x-forwarded-proto': 'http',
      'x-forwarded-host': 'hello.shop:81',
      forwarded: 'for=9.9.9.9, for=127.0.0.1;host="hello.shop:81";proto=http',
      connection: 'keep-alive',
    });
    expect(seen['traceparent']).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/u);
    expect(seen['x-request-id']).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/u);
    expect(Object.keys(seen)).not.toContain('x-secret');
    expect(Object.keys(seen)).not.toContain('te');
    expect(Object.keys(seen)).not.toContain('keep-alive');
  });

  it('never lets an answer of the function pass for one of the platform', async () => {
    const front = await bench.frontOf((_request, response) => {
      response.writeHead(200, { 'flint-error': 'QueueFull', 'flint-load-ms': '7', 'x-mine': '1' });
      response.end('hi');
    });
    const client = await bench.connect(front.port);
    const head = headOf(await client.send(get).until('hi'));
    expect(head).not.toMatch(/flint-/iu);
    expect(head).not.toMatch(/server-timing/iu);
    expect(head).toContain('x-mine: 1');
  });

  it('reuses the connection to the replica and the one of the client', async () => {
    const ports = new Set<number | undefined>();
    const front = await bench.frontOf((request, response) => {
      ports.add(request.socket.remotePort);
      response.end('done');
    });
    const client = await bench.connect(front.port);
    for (let count = 0; count < 3; count++) {
      client.text = '';
      await client.send(get).until('done');
      await until(() => front.ledger.inFlight.size === 0);
    }
    expect(ports.size).toBe(1);
    expect(front.capacity.leases.map(({ state }) => state)).toEqual(['released', 'released', 'released']);
  });

  it('says on a cold answer where the time went, and keeps what the function says of its own', async () => {
    const front = await bench.frontOf((_request, response) => {
      response.writeHead(200, { 'flint-load-ms': '12.5', 'server-timing': 'db;dur=5' });
      response.end('hi');
    });
    front.capacity.coldStart = { queue: 1.04, schedule: 20, start: 50 };
    const client = await bench.connect(front.port);
    const head = headOf(await client.send(get).until('hi'));
    expect(head).toContain('server-timing: db;dur=5');
    expect(head).toContain('Server-Timing: queue;dur=1, schedule;dur=20, start;dur=37.5, load;dur=12.5, app;dur=0');
    await until(() => front.log.length === 1);
    expect(front.log[0]).toMatchObject({ cold: true, phases: { queue: 1, load: 12.5 } });
  });

  const bodiless = [
    {
      name: 'HEAD',
      request: 'HEAD / HTTP/1.1\r\nHost: hello.shop\r\n\r\n',
      status: 200,
      header: /content-length: 5/iu,
    },
    { name: '204', request: get, status: 204, header: /204 No Content/u },
    { name: '304', request: get, status: 304, header: /304 Not Modified/u },
  ];
  for (const { name, request, status, header } of bodiless) {
    it(`passes ${name} on without a body, and the connection stays usable`, async () => {
      const front = await bench.frontOf((_request, response) => {
        response.writeHead(status, status === 200 ? { 'content-length': '5' } : {});
        response.end();
      });
      const client = await bench.connect(front.port);
      const first = await client.send(request).until('\r\n\r\n');
      expect(first).toMatch(header);
      expect(first.endsWith('\r\n\r\n')).toBe(true);
      client.text = '';
      expect(await client.send(request).until('\r\n\r\n')).toMatch(header);
    });
  }

  it('serves HTTP/1.0 with an answer that ends with the connection', async () => {
    const front = await bench.frontOf((_request, response) => {
      response.write('a');
      response.end('b');
    });
    const client = await bench.connect(front.port);
    client.send('GET / HTTP/1.0\r\nHost: hello.shop\r\n\r\n');
    await client.closed;
    expect(headOf(client.text)).not.toMatch(/transfer-encoding/iu);
    expect(client.text.endsWith('\r\n\r\nab')).toBe(true);
  });

  const methods = ['GET', 'DELETE', 'POST', 'OPTIONS', 'PATCH', 'QUERY'];
  for (const method of methods) {
    it(`passes a chunked body of ${method} on as it is`, async () => {
      const front = await bench.frontOf((request, response) => {
        void readAll(request).then((body) => response.end(`${request.method ?? ''}:${body}`));
      });
      const client = await bench.connect(front.port);
      client.send(
        `${method} / HTTP/1.1\r\nHost: hello.shop\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n`,
      );
      expect(await client.until(`${method}:abc`)).toContain('200 OK');
    });

    it(`sends ${method} without a body as one without a body`, async () => {
      const front = await bench.frontOf((request, response) => {
        void readAll(request).then((body) =>
          response.end(JSON.stringify([body, request.headers['transfer-encoding']])),
        );
      });
      const client = await bench.connect(front.port);
      expect(await client.send(`${method} / HTTP/1.1\r\nHost: hello.shop\r\n\r\n`).until('[')).toContain('["",null]');
    });
  }
});

describe('I4: a request whose replica does not take it', () => {
  it('goes to another one while nothing of it was sent, and the refusal is told', async () => {
    const front = await bench.front();
    front.capacity.add(await bench.deadPort(), 'dead');
    front.capacity.add(await bench.replica(respond('alive')), 'alive');
    const client = await bench.connect(front.port);
    expect(await client.send(get).until('alive')).toContain('200 OK');
    expect(front.capacity.leases).toMatchObject([{ state: 'failed' }, { state: 'released' }]);
    expect(front.capacity.leases[0]?.error).toMatchObject({ code: 'ECONNREFUSED' });
    expect([...(front.capacity.requests[1]?.avoid ?? [])]).toEqual(['dead']);
    expect(front.upstreamErrors).toEqual(['unsent']);
  });

  it('keeps its body for the replica that takes it', async () => {
    const front = await bench.front();
    front.capacity.add(await bench.deadPort(), 'dead');
    front.capacity.add(
      await bench.replica((request, response) => void readAll(request).then((body) => response.end(`got ${body}`))),
    );
    const client = await bench.connect(front.port);
    client.send('POST / HTTP/1.1\r\nHost: hello.shop\r\nContent-Length: 5\r\n\r\nhello');
    expect(await client.until('got hello')).toContain('200 OK');
  });

  it('is given up after as many replicas as are allowed', async () => {
    const dead = await bench.deadPort();
    const front = await bench.front({ maxAttempts: 2 });
    for (const id of ['a', 'b', 'c']) {
      front.capacity.add(dead, id);
    }
    const client = await bench.connect(front.port);
    const answer = await client.send(get).until('}');
    expect(answer).toContain('HTTP/1.1 502');
    expect(answer).toContain('none of 2 replicas took the request');
    expect(front.capacity.leases).toHaveLength(2);
  });

  it('is not tried again once a byte of it was sent, whatever its method', async () => {
    let connections = 0;
    const front = await bench.front();
    front.capacity.add(
      await bench.rawReplica((socket) => {
        connections++;
        socket.once('data', () => socket.destroy());
      }),
    );
    front.capacity.add(await bench.replica(respond('second')));
    const client = await bench.connect(front.port);
    const answer = await client.send(get).until('}');
    expect(answer).toContain('HTTP/1.1 502 Bad Gateway');
    expect(answer).toContain('flint-error: UpstreamFailed');
    expect(connections).toBe(1);
    expect(front.capacity.leases).toMatchObject([{ state: 'released' }]);
    expect(front.upstreamErrors).toEqual(['broken']);
  });

  it('is not tried again once some of its body was taken, even if none of that was sent', async () => {
    let attempts = 0;
    const upstream: Upstream = {
      send: async (_replica, { sendBody }) => {
        attempts++;
        const sink = new PassThrough();
        sendBody(Object.assign(sink, { flushHeaders: () => undefined }) as unknown as OutgoingMessage);
        await once(sink, 'data');
        throw new UpstreamError('lost', false, new Error('lost'));
      },
    };
    const front = await bench.front({ upstream });
    front.capacity.add(1, 'a');
    front.capacity.add(2, 'b');
    const client = await bench.connect(front.port);
    client.send('POST / HTTP/1.1\r\nHost: hello.shop\r\nContent-Length: 10\r\n\r\nhello');
    expect(await client.until('}')).toContain('502 Bad Gateway');
    expect(attempts).toBe(1);
  });

  it('is not sent on a kept connection that the replica has closed meanwhile', async () => {
    let connections = 0;
    const front = await bench.front();
    front.capacity.add(
      await bench.rawReplica((socket) => {
        connections++;
        socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'));
      }),
    );
    const client = await bench.connect(front.port);
    await client.send(get).until('ok');
    await until(() => front.ledger.inFlight.size === 0);
    client.text = '';
    expect(await client.send(get).until('ok')).toContain('200 OK');
    expect(connections).toBe(2);
  });

  it('is not held up by a replica that never accepts', async () => {
    const front = await bench.front();
    // TEST-NET-1: nobody answers there, or the network says so at once; both are refusals.
    front.capacity.replicas.push({ id: 'void', host: '192.0.2.1', port: 9, protocol: 'Http1' });
    front.capacity.add(await bench.replica(respond('second')));
    const client = await bench.connect(front.port);
    client.send(get);
    await until(() => front.capacity.leases.length === 1);
    await front.clock.advance(2000);
    expect(await client.until('second')).toContain('200 OK');
    expect(front.capacity.leases[0]?.state).toBe('failed');
  });
});

describe('a request that no replica can get', () => {
  it('is answered with what the capacity says', async () => {
    const front = await bench.front();
    front.capacity.error = new AppError('QueueFull', '5 requests wait', { retryAfterSeconds: 3 });
    const client = await bench.connect(front.port);
    const answer = await client.send(get).until('}');
    expect(answer).toContain('HTTP/1.1 429 Too Many Requests');
    expect(answer).toContain('flint-error: QueueFull');
    expect(answer).toContain('Retry-After: 3');
    expect(answer).toContain('"detail":"5 requests wait"');
    expect(answer).toContain('"function":"shop/hello"');
  });

  it('is answered 502 where the function speaks a protocol that is still to come', async () => {
    const front = await bench.front();
    front.capacity.replicas.push({ id: 'h2', host: '127.0.0.1', port: 9, protocol: 'H2c' });
    const client = await bench.connect(front.port);
    expect(await client.send(get).until('}')).toContain('H2c is not supported yet');
    expect(front.capacity.held).toBe(0);
  });

  it('tells nothing of a defect but that there is one', async () => {
    const front = await bench.front();
    front.capacity.error = new TypeError('secret insides');
    const client = await bench.connect(front.port);
    const answer = await client.send(get).until('}');
    expect(answer).toContain('HTTP/1.1 500');
    expect(answer).toContain('flint-error: InternalError');
    expect(answer).not.toContain('insides');
  });
});
