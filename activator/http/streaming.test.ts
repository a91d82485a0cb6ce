import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { Bench, type Front, readAll, until } from './testing/front.ts';

const bench = new Bench();
afterEach(() => bench.close());

const chunk = Buffer.alloc(64 * 1024, 'flint');
const megabyte = 1024 * 1024;
const megabytes = 150;
const chunks = (megabytes * megabyte) / chunk.length;
/** The buffers of the kernel are most of what is under way: of a receiver they grow to 32 MB (tcp_rmem), of a sender to 4. */
const mostUnderWay = (megabytes / 2) * megabyte;

function post(front: Front, headers: Record<string, string> = {}): ReturnType<typeof request> {
  return request({
    port: front.port,
    host: '127.0.0.1',
    method: 'POST',
    headers: { host: 'hello.shop', ...headers },
    agent: false,
  }).on('error', () => undefined);
}

async function responseTo(outgoing: ReturnType<typeof request>): Promise<IncomingMessage> {
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
  return response;
}

async function upload(sink: Writable, count = chunks): Promise<void> {
  for (let sent = 0; sent < count; sent++) {
    if (!sink.write(chunk)) {
      await once(sink, 'drain');
    }
  }
  sink.end();
}

describe('a body', () => {
  it('I9: of 150 MB goes through in both directions at once, of which little is under way at any time', async () => {
    let most = 0;
    const front = await bench.frontOf((incoming, response) => {
      let received = 0;
      incoming.on('data', (part: Buffer) => {
        received += part.length;
        const [exchange] = front.ledger.inFlight;
        most = Math.max(
          most,
          (exchange?.requestBytes ?? Infinity) - received,
          received - (exchange?.responseBytes ?? 0),
        );
      });
      incoming.pipe(response);
    });
    const outgoing = post(front);
    const sending = upload(outgoing);
    const response = await responseTo(outgoing);
    const hash = createHash('sha256');
    let bytes = 0;
    for await (const part of response) {
      bytes += (part as Buffer).length;
      hash.update(part as Buffer);
    }
    await sending;
    const wanted = createHash('sha256');
    for (let sent = 0; sent < chunks; sent++) {
      wanted.update(chunk);
    }
    expect(bytes).toBe(megabytes * megabyte);
    expect(hash.digest('hex')).toBe(wanted.digest('hex'));
    expect(most).toBeLessThan(mostUnderWay);
    await until(() => front.log.length === 1);
    expect(front.log[0]).toMatchObject({ requestBytes: bytes, responseBytes: bytes });
  });

  it('I9: that the replica does not read is not read from the client either', async () => {
    const front = await bench.front();
    let replica: Socket | undefined;
    front.capacity.add(
      await bench.rawReplica((socket) => {
        replica = socket;
        socket.pause();
      }),
    );
    const outgoing = post(front);
    void upload(outgoing).catch(() => undefined);
    await until(() => replica !== undefined);
    const [exchange] = front.ledger.inFlight;
    let before = -1;
    // The kernel's buffers fill up first.
    await until(() => {
      const stands = exchange?.requestBytes === before && before > 0;
      before = exchange?.requestBytes ?? 0;
      return stands && outgoing.writableNeedDrain;
    });
    expect(exchange?.requestBytes).toBeLessThan(mostUnderWay);
    outgoing.destroy();
  });

  it('I9: that the client does not read is not read from the replica either', async () => {
    let answer: ServerResponse | undefined;
    const front = await bench.frontOf((_request, response) => {
      answer = response;
      void upload(response).catch(() => undefined);
    });
    const client = await bench.connect(front.port);
    client.socket.pause();
    client.send('GET / HTTP/1.1\r\nHost: hello.shop\r\n\r\n');
    let before = -1;
    await until(() => {
      const [exchange] = front.ledger.inFlight;
      const stands = exchange?.responseBytes === before && before > 0;
      before = exchange?.responseBytes ?? 0;
      return stands && answer?.writableNeedDrain === true;
    });
    expect(before).toBeLessThan(mostUnderWay);
  });

  it('of which nothing has come yet does not hold up the head, nor the answer to it', async () => {
    const front = await bench.frontOf((incoming, response) => {
      response.write('go on');
      void readAll(incoming).then((body) => response.end(body));
    });
    const outgoing = post(front, { 'transfer-encoding': 'chunked' });
    outgoing.flushHeaders();
    const response = await responseTo(outgoing);
    const [first] = (await once(response, 'data')) as [Buffer];
    expect(first.toString()).toBe('go on');
    const rest = readAll(response);
    outgoing.end('!');
    expect(await rest).toBe('!');
  });

  it('is asked for with 100 Continue only when there is a replica for it', async () => {
    const front = await bench.front();
    const outgoing = post(front, { expect: '100-continue', 'content-length': '5' });
    let isContinued = false;
    outgoing.once('continue', () => {
      isContinued = true;
      outgoing.end('hello');
    });
    outgoing.flushHeaders();
    await until(() => front.capacity.requests.length === 1);
    expect(isContinued).toBe(false);
    expect(front.capacity.requests[0]?.bytes).toBeLessThan(2000);
    front.capacity.add(
      await bench.replica((incoming, response) => {
        void readAll(incoming).then((body) => response.end(`${body} ${incoming.headers.expect ?? 'nothing'}`));
      }),
    );
    expect(await readAll(await responseTo(outgoing))).toBe('hello nothing');
    expect(isContinued).toBe(true);
  });

  it('counts with what may be read of it while its request waits', async () => {
    const front = await bench.front();
    const client = await bench.connect(front.port);
    client.send(`POST / HTTP/1.1\r\nHost: hello.shop\r\nContent-Length: 1000\r\n\r\n`);
    await until(() => front.capacity.requests.length === 1);
    expect(front.capacity.requests[0]?.bytes).toBeGreaterThan(1000);
    expect(front.capacity.requests[0]?.bytes).toBeLessThan(2000);
    const endless = await bench.connect(front.port);
    endless.send(`POST / HTTP/1.1\r\nHost: hello.shop\r\nTransfer-Encoding: chunked\r\n\r\n`);
    await until(() => front.capacity.requests.length === 2);
    expect(front.capacity.requests[1]?.bytes).toBeGreaterThan(128 * 1024);
  });

  it('brings its trailers along, both ways', async () => {
    const front = await bench.frontOf((incoming, response) => {
      void readAll(incoming).then(() => {
        response.writeHead(200, { trailer: 'x-answer' });
        response.write('body');
        response.addTrailers({ 'x-answer': incoming.trailers['x-sent'] ?? 'none' });
        response.end();
      });
    });
    const outgoing = post(front, { trailer: 'x-sent', 'transfer-encoding': 'chunked' });
    outgoing.write('a');
    outgoing.addTrailers({ 'x-sent': 'kept' });
    outgoing.end();
    const response = await responseTo(outgoing);
    await readAll(response);
    expect(response.trailers).toEqual({ 'x-answer': 'kept' });
  });

  it('goes without its trailers where they cannot be carried', async () => {
    const front = await bench.frontOf((_incoming, response) => {
      response.writeHead(200, { trailer: 'x-answer' });
      response.write('body');
      response.addTrailers({ 'x-answer': '1' });
      response.end();
    });
    const client = await bench.connect(front.port);
    client.send('GET / HTTP/1.0\r\nHost: hello.shop\r\n\r\n');
    await client.closed;
    expect(client.text).toMatch(/\r\n\r\nbody$/u);
    expect(client.text).not.toMatch(/trailer/iu);
  });

  it('is not waited for once the replica has answered, and the connection to that replica is not used again', async () => {
    let connections = 0;
    let open = 0;
    const front = await bench.front();
    front.capacity.add(
      await bench.rawReplica((socket) => {
        connections++;
        open++;
        socket.once('close', () => open--);
        socket.once('data', () => socket.write('HTTP/1.1 413 Payload Too Large\r\nContent-Length: 2\r\n\r\nno'));
      }),
    );
    for (const count of [1, 2]) {
      const client = await bench.connect(front.port);
      client.send('POST / HTTP/1.1\r\nHost: hello.shop\r\nContent-Length: 1000000\r\n\r\nfirst');
      expect(await client.until('\r\n\r\nno')).toContain('413');
      await until(() => front.ledger.inFlight.size === 0);
      await until(() => open === 0);
      expect(connections).toBe(count);
    }
    expect(front.capacity.held).toBe(0);
  });

  it('that goes on after its answer is thrown away, but not forever', async () => {
    const front = await bench.front();
    const client = await bench.connect(front.port);
    client.send('POST / HTTP/1.1\r\nHost: nobody.shop\r\nContent-Length: 1000000\r\n\r\n');
    await client.until('}');
    client.send('more');
    await until(() => front.ledger.inFlight.size === 0);
    expect(client.socket.destroyed).toBe(false);
    await front.clock.advance(5000);
    await client.closed;
  });

  it('that goes on after the last answer of its connection does not destroy that answer', async () => {
    const front = await bench.frontOf((_incoming, response) => response.writeHead(413).end('no'));
    const client = await bench.connect(front.port, { allowHalfOpen: true });
    let error: Error | undefined;
    client.socket.on('error', (cause) => {
      error = cause;
    });
    client.send('POST / HTTP/1.1\r\nHost: hello.shop\r\nConnection: close\r\nContent-Length: 1000000\r\n\r\nfirst');
    await client.until('no');
    await once(client.socket, 'end');
    // A reset is the answer to the first of these, and an error of the second.
    for (let part = 0; part < 5; part++) {
      await new Promise((resolve) => client.socket.write('x'.repeat(1000), resolve));
    }
    expect(client.socket.destroyed).toBe(false);
    client.socket.end('x'.repeat(1_000_000 - 5000 - 'first'.length));
    await client.closed;
    expect(error).toBeUndefined();
    await until(() => front.clock.pending === 0);
  });

  it('whose rest does come leaves the connection usable', async () => {
    const front = await bench.front();
    const client = await bench.connect(front.port);
    client.send('POST / HTTP/1.1\r\nHost: nobody.shop\r\nContent-Length: 10\r\n\r\n01234');
    await client.until('}');
    client.text = '';
    client.send('56789').send('GET / HTTP/1.1\r\nHost: nobody.shop\r\n\r\n');
    expect(await client.until('}')).toContain('404');
    expect(front.clock.pending).toBe(0);
  });

  const limits = [
    { name: 'says that it is', head: 'Content-Length: 11', body: '' },
    { name: 'turns out to be', head: 'Transfer-Encoding: chunked', body: 'b\r\nhello world\r\n' },
  ];
  for (const { name, head, body } of limits) {
    it(`is refused when it ${name} larger than allowed`, async () => {
      const front = await bench.frontOf((incoming) => void readAll(incoming).catch(() => undefined), {
        maxBodyBytes: 10,
      });
      const client = await bench.connect(front.port);
      client.send(`POST / HTTP/1.1\r\nHost: hello.shop\r\n${head}\r\n\r\n${body}`);
      const answer = await client.until('}');
      expect(answer).toContain('HTTP/1.1 413');
      expect(answer).toContain('flint-error: BodyTooLarge');
      await until(() => front.capacity.held === 0);
    });
  }
});

describe('an answer that breaks off', () => {
  const breaks = [
    { name: 'of known length', head: 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf', request: '1.1' },
    { name: 'in chunks', head: 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n', request: '1.1' },
    { name: 'to HTTP/1.0', head: 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n', request: '1.0' },
  ];
  for (const tc of breaks) {
    it(`${tc.name} never looks complete to the client`, async () => {
      const front = await bench.front();
      let replica: Socket | undefined;
      front.capacity.add(
        await bench.rawReplica((socket) => {
          replica = socket;
          socket.once('data', () => socket.write(tc.head));
        }),
      );
      const client = await bench.connect(front.port);
      let error: Error | undefined;
      client.socket.on('error', (cause) => {
        error = cause;
      });
      await client.send(`GET / HTTP/${tc.request}\r\nHost: hello.shop\r\n\r\n`).until('half');
      replica?.destroy();
      await client.closed;
      expect(client.text).not.toContain('\r\n0\r\n\r\n');
      if (tc.request === '1.0') {
        expect(error).toMatchObject({ code: 'ECONNRESET' });
      }
      await until(() => front.log.length === 1);
      expect(front.log[0]).toMatchObject({ status: 200, code: 'UpstreamFailed' });
      expect(front.capacity.held).toBe(0);
      expect(front.ledger).toMatchObject({ unaccounted: 0, counts: { accepted: 1, answered: 1, abandoned: 0 } });
    });
  }

  it('ends with the replica, however the connection is kept open', async () => {
    const front = await bench.front();
    front.capacity.add(
      await bench.rawReplica((socket) => {
        socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf'));
      }),
      'gone',
    );
    const client = await bench.connect(front.port);
    await client.send('GET / HTTP/1.1\r\nHost: hello.shop\r\n\r\n').until('half');
    front.upstream.forget('gone');
    await client.closed;
    expect(front.capacity.held).toBe(0);
  });
});

describe('a client that leaves', () => {
  it('while it waits gives up its place at once', async () => {
    const front = await bench.front();
    const client = await bench.connect(front.port);
    client.send('GET / HTTP/1.1\r\nHost: hello.shop\r\n\r\n');
    await until(() => front.capacity.requests.length === 1);
    client.socket.destroy();
    await until(() => front.ledger.inFlight.size === 0);
    expect(front.capacity.requests[0]?.signal.aborted).toBe(true);
    expect(front.log[0]).toMatchObject({ status: 499, abandoned: true });
    expect(front.ledger).toMatchObject({ unaccounted: 0, counts: { accepted: 1, answered: 0, abandoned: 1 } });
  });

  it('with half of its connection, as one that wants nothing more to say, has left', async () => {
    const front = await bench.front();
    const client = await bench.connect(front.port);
    client.send('GET / HTTP/1.1\r\nHost: hello.shop\r\n\r\n');
    await until(() => front.capacity.requests.length === 1);
    client.socket.end();
    await until(() => front.ledger.inFlight.size === 0);
    expect(front.ledger.counts.abandoned).toBe(1);
  });

  const moments = [
    { name: 'before the answer', write: () => undefined },
    { name: 'during the answer', write: (response: ServerResponse) => response.write('half') },
  ];
  for (const { name, write } of moments) {
    it(`${name} frees the replica at once, which notices`, async () => {
      const noticed = Promise.withResolvers<undefined>();
      let isServing = false;
      const front = await bench.frontOf((_request, response) => {
        isServing = true;
        write(response);
        response.once('close', () => {
          noticed.resolve(undefined);
        });
      });
      const client = await bench.connect(front.port);
      client.send('GET / HTTP/1.1\r\nHost: hello.shop\r\n\r\n');
      await until(() => isServing);
      if (name === 'during the answer') {
        await client.until('half');
      }
      client.socket.resetAndDestroy();
      await until(() => front.ledger.inFlight.size === 0);
      expect(front.capacity.leases).toMatchObject([{ state: 'released' }]);
      await noticed.promise;
      expect(front.ledger).toMatchObject({ unaccounted: 0, counts: { abandoned: 1 } });
    });
  }

  it('in the middle of its own body breaks it off for the replica, too', async () => {
    let body: Promise<unknown> | undefined;
    const front = await bench.frontOf((incoming) => {
      incoming.resume();
      body = finished(incoming).catch((error: unknown) => error);
    });
    const client = await bench.connect(front.port);
    client.send('POST / HTTP/1.1\r\nHost: hello.shop\r\nContent-Length: 10\r\n\r\nhalf');
    await until(() => body !== undefined);
    client.socket.destroy();
    expect(await body).toMatchObject({ code: 'ECONNRESET' });
    await until(() => front.ledger.inFlight.size === 0);
    expect(front.capacity.held).toBe(0);
  });
});
