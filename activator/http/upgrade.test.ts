import { createServer } from 'node:http';
import type { Duplex } from 'node:stream';
import { afterEach, describe, expect, it } from 'vitest';
import { Bench, type Front, type FrontOptions, type RawClient, respond, until } from './testing/front.ts';

const bench = new Bench();
afterEach(() => bench.close());

const upgrade =
  'GET /chat HTTP/1.1\r\nHost: hello.shop\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: k\r\n\r\n';
const switched =
  'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: a\r\n\r\n';

/** A replica that switches and gives its side of the connection to the test. */
async function switchingFront(options: FrontOptions = {}): Promise<{ front: Front; sockets: Duplex[] }> {
  const sockets: Duplex[] = [];
  const server = createServer(respond('plain')).on('upgrade', (_request, socket: Duplex, head: Buffer) => {
    sockets.push(socket);
    socket.on('error', () => undefined).once('end', () => socket.end());
    socket.write(`${switched}hello `);
    socket.unshift(head);
  });
  const front = await bench.front(options);
  front.capacity.add(await bench.listen(server));
  return { front, sockets };
}

async function joined(front: Front): Promise<RawClient> {
  const client = await bench.connect(front.port);
  const head = await client.send(upgrade).until('hello ');
  expect(head).toMatch(/^HTTP\/1.1 101 Switching Protocols\r\n/u);
  expect(head).toMatch(/upgrade: websocket/iu);
  expect(head).toMatch(/sec-websocket-accept: a/iu);
  return client;
}

describe('a connection that changes its protocol', () => {
  it('carries bytes both ways and counts as in flight until it is closed', async () => {
    const { front, sockets } = await switchingFront();
    const client = await joined(front);
    client.send('ping');
    let received = '';
    sockets[0]?.on('data', (chunk: Buffer) => {
      received += chunk.toString();
    });
    await until(() => received === 'ping');
    sockets[0]?.write('pong');
    await client.until('pong');
    expect(front.ledger.inFlight.size).toBe(1);
    expect(front.capacity.held).toBe(1);

    client.socket.end();
    await until(() => front.ledger.inFlight.size === 0);
    expect(front.capacity.held).toBe(0);
    expect(front.log[0]).toMatchObject({ status: 101, requestBytes: 4, responseBytes: 4 });
    expect(front.ledger).toMatchObject({ unaccounted: 0, counts: { answered: 1, abandoned: 0 } });
  });

  const ends = [
    { name: 'the replica ends it', end: (_client: RawClient, replica?: Duplex) => replica?.end('bye') },
    { name: 'the replica dies', end: (_client: RawClient, replica?: Duplex) => replica?.destroy() },
    {
      name: 'the Pod of the replica is gone',
      end: (_client: RawClient, _replica?: Duplex, front?: Front) => {
        front?.upstream.forget(front.capacity.replicas[0]?.id ?? '');
      },
    },
    { name: 'the client dies', end: (client: RawClient) => client.socket.resetAndDestroy() },
  ];
  for (const { name, end } of ends) {
    it(`is closed on both sides when ${name}`, async () => {
      const { front, sockets } = await switchingFront();
      const client = await joined(front);
      const [replica] = sockets;
      replica?.resume();
      end(client, replica, front);
      await client.closed;
      await until(() => replica?.destroyed === true);
      await until(() => front.ledger.inFlight.size === 0);
      expect(client.text.endsWith('bye')).toBe(name === 'the replica ends it');
      expect(front.ledger.unaccounted).toBe(0);
    });
  }

  it('has left the time for its request behind, but not the one for silence', async () => {
    const { front } = await switchingFront({ timeouts: { requestMs: 1000, idleMs: 5000 } });
    const client = await joined(front);
    await front.clock.advance(4000);
    client.send('ping');
    await until(() => [...front.ledger.inFlight][0]?.requestBytes === 4);
    await front.clock.advance(4000);
    expect(client.socket.destroyed).toBe(false);
    await front.clock.advance(1000);
    await client.closed;
    await until(() => front.log.length === 1);
    expect(front.log[0]).toMatchObject({ status: 101, code: 'RequestTimeout' });
  });

  it('does not if the replica answers otherwise', async () => {
    const front = await bench.frontOf(respond('no'));
    const client = await bench.connect(front.port);
    client.send(upgrade);
    await client.closed;
    expect(client.text).toMatch(/^HTTP\/1.1 200 OK\r\n/u);
    expect(client.text.endsWith('no')).toBe(true);
    await until(() => front.ledger.inFlight.size === 0);
    expect(front.ledger.counts.answered).toBe(1);
  });

  it('does not, and brings an answer that is longer than all buffers', async () => {
    const front = await bench.frontOf(respond('x'.repeat(5_000_000)));
    const client = await bench.connect(front.port);
    client.send(upgrade);
    await client.closed;
    expect(client.text.split('\r\n\r\n')[1]).toHaveLength(5_000_000);
    await until(() => front.ledger.inFlight.size === 0);
    expect(front.ledger.counts.answered).toBe(1);
  });

  it('does not if no function has its host', async () => {
    const front = await bench.front();
    const client = await bench.connect(front.port);
    client.send(upgrade.replace('hello.shop', 'nobody.shop'));
    await client.closed;
    expect(client.text).toMatch(/^HTTP\/1.1 404 .*"code":"FunctionNotFound"/su);
    expect(front.ledger).toMatchObject({ unaccounted: 0, counts: { answered: 1 } });
  });

  it('may be given up while it waits for a replica, and loses nothing that was said early', async () => {
    const { front, sockets } = await switchingFront();
    const [replica] = front.capacity.replicas.splice(0);
    const leaving = await bench.connect(front.port);
    leaving.send(upgrade);
    await until(() => front.capacity.requests.length === 1);
    leaving.socket.end();
    await until(() => front.ledger.inFlight.size === 0);
    expect(front.ledger.counts.abandoned).toBe(1);

    const early = await bench.connect(front.port);
    early.send(`${upgrade}early `);
    await until(() => front.capacity.requests.length === 2);
    early.send('bird');
    front.capacity.add(replica?.port ?? 0);
    await early.until('hello ');
    let received = '';
    sockets[0]?.on('data', (chunk: Buffer) => {
      received += chunk.toString();
    });
    await until(() => received === 'early bird');
  });

  const ignored = [
    { name: 'to HTTP/2', head: 'Upgrade: h2c\r\n' },
    { name: 'in HTTP/1.0', head: 'Upgrade: websocket\r\n', version: '1.0' },
    { name: 'after a body', head: 'Upgrade: websocket\r\nContent-Length: 0\r\n' },
  ];
  for (const { name, head, version = '1.1' } of ignored) {
    it(`is not changed ${name}`, async () => {
      const { front, sockets } = await switchingFront();
      const client = await bench.connect(front.port);
      client.send(`GET / HTTP/${version}\r\nHost: hello.shop\r\nConnection: Upgrade\r\n${head}\r\n`);
      expect(await client.until('plain')).toContain('200 OK');
      expect(sockets).toEqual([]);
    });
  }

  it('is not changed while an earlier answer is to go out on it, which does', async () => {
    const { front, sockets } = await switchingFront();
    const [replica] = front.capacity.replicas.splice(0);
    const client = await bench.connect(front.port);
    client.send(`GET /first HTTP/1.1\r\nHost: hello.shop\r\n\r\n${upgrade}`);
    await until(() => front.capacity.requests.length === 2);
    front.capacity.add(replica?.port ?? 0);
    await until(() => client.text.split('plain').length === 3);
    expect(client.text).toMatch(/^HTTP\/1.1 200 OK\r\n.*plainHTTP\/1.1 200 OK\r\n.*plain$/su);
    expect(sockets).toEqual([]);

    client.text = '';
    expect(await client.send(upgrade).until('hello ')).toContain('101 Switching Protocols');
    expect(front.ledger.counts).toMatchObject({ accepted: 3, answered: 2, inFlight: 1 });
  });

  it('is refused to a replica that was not asked', async () => {
    const front = await bench.front();
    front.capacity.add(
      await bench.rawReplica((socket) => {
        socket.once('data', () => socket.write(switched));
      }),
    );
    const client = await bench.connect(front.port);
    expect(await client.send('GET / HTTP/1.1\r\nHost: hello.shop\r\n\r\n').until('}')).toContain('502 Bad Gateway');
  });
});
