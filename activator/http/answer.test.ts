import type { Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { Bench, type Front, type FrontOptions, until } from './testing/front.ts';

const bench = new Bench();
afterEach(() => bench.close());

const get = 'GET / HTTP/1.1\r\nHost: hello.shop\r\n\r\n';

/** A replica that says this to whatever it is asked. */
async function frontSaying(answer: string, options: FrontOptions = {}): Promise<Front> {
  const front = await bench.front(options);
  front.capacity.add(
    await bench.rawReplica((socket) => {
      socket.on('data', () => socket.write(answer, 'latin1'));
    }),
  );
  return front;
}

/** Resolves when `read` has said the same for some turns of the event loop. */
async function settled(read: () => string): Promise<void> {
  let turns = 0;
  let before = '';
  await until(() => {
    turns = read() === before ? turns + 1 : 0;
    before = read();
    return turns > 50;
  });
}

describe('the head of an answer', () => {
  const heads = [
    { name: 'the status 000', head: '000 None' },
    { name: 'the status 099', head: '099 None' },
    { name: 'the status 101 although nobody asked for it', head: '101 Switching Protocols' },
    { name: 'a control character in its phrase', head: '200 O\x01K' },
  ];
  for (const { name, head } of heads) {
    for (const rest of ['Content-Length: 5\r\n\r\nhello', 'Content-Length: 500\r\n\r\nhello', '\r\nhello']) {
      it(`with ${name} is UpstreamFailed (${JSON.stringify(rest)})`, async () => {
        const front = await frontSaying(`HTTP/1.1 ${head}\r\n${rest}`);
        const client = await bench.connect(front.port);
        const answer = await client.send(get).until('}');
        expect(answer).toMatch(/^HTTP\/1.1 502 Bad Gateway\r\n.*flint-error: UpstreamFailed\r\n/su);
        await until(() => front.ledger.inFlight.size === 0);
        expect(front.capacity.held).toBe(0);
        expect(front.upstreamErrors).toEqual(['broken']);
      });
    }
  }

  const bodiless = [
    { request: 'HEAD', status: '200 OK' },
    { request: 'GET', status: '204 No Content' },
    { request: 'GET', status: '304 Not Modified' },
  ];
  for (const { request, status } of bodiless) {
    it(`announces no trailers where there is no body (${request}, ${status})`, async () => {
      const front = await frontSaying(`HTTP/1.1 ${status}\r\nTrailer: x-sum\r\nX-Last: 1\r\n\r\n`);
      const client = await bench.connect(front.port);
      const answer = await client.send(get.replace('GET', request)).until('\r\n\r\n');
      expect(answer).toContain(`HTTP/1.1 ${status}\r\n`);
      expect(answer).toContain('X-Last: 1\r\n');
      expect(answer).not.toMatch(/trailer/iu);
      expect(await client.send(get.replace('GET', 'PUT')).until('\r\n\r\n')).toContain(status);
    });
  }
});

describe('an answer that its client does not take', () => {
  for (const bytes of [100_000, 130_000]) {
    for (const why of ['its client leaves', 'the time is up'] as const) {
      it(`gives its place back when ${why}, also when the replica has hung up (${bytes} bytes)`, async () => {
        const front = await bench.frontOf(
          (request, response) => {
            if (request.url === '/big') {
              response.setHeader('connection', 'close').end('x'.repeat(bytes));
            }
          },
          { timeouts: { requestMs: 1000 } },
        );
        const client = await bench.connect(front.port);
        // An answer whose turn has not come is in the buffers of this process, and in no others.
        client.send(get.replace('/', '/slow') + get.replace('/', '/big'));
        await until(() => [...front.ledger.inFlight].some(({ responseBytes }) => responseBytes > 0));
        await settled(() => [...front.ledger.inFlight].map(({ responseBytes }) => responseBytes).join());
        if (why === 'its client leaves') {
          client.socket.destroy();
        } else {
          await front.clock.advance(1000);
        }
        await until(() => front.ledger.inFlight.size === 0);
        expect(front.capacity.held).toBe(0);
        expect(front.ledger.unaccounted).toBe(0);
      });
    }
  }
});

interface Break {
  readonly name: string;
  readonly code: string;
  readonly act: (front: Front, replica?: Socket) => unknown;
}

describe('an answer that breaks off', () => {
  const bodies = [
    { name: 'the end of its connection', head: 'HTTP/1.1 200 OK\r\n\r\nhalf' },
    { name: 'the end of its connection, as of old', head: 'HTTP/1.0 200 OK\r\n\r\nhalf' },
    { name: 'its length', head: 'HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nhalf' },
    { name: 'its last chunk', head: 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n' },
  ];
  const breaks: readonly Break[] = [
    {
      name: 'the replica resets it',
      code: 'UpstreamFailed',
      act: (_front: Front, replica?: Socket) => replica?.resetAndDestroy(),
    },
    {
      name: 'the replica is gone',
      code: 'UpstreamFailed',
      act: (front: Front) => {
        front.upstream.forget('replica');
      },
    },
    { name: 'the time is up', code: 'RequestTimeout', act: (front: Front) => front.clock.advance(1000) },
    { name: 'the replica is silent', code: 'RequestTimeout', act: (front: Front) => front.clock.advance(500) },
    {
      name: 'the drain is over',
      code: 'ShuttingDown',
      act: async (front: Front) => {
        front.signalStop();
        await front.clock.advance(1);
        await front.clock.advance(1);
      },
    },
  ];
  for (const { name: end, head } of bodies) {
    for (const { name, code, act } of breaks) {
      for (const version of ['1.1', '1.0']) {
        it(`because ${name} is seen to, where ${end} would end it (HTTP/${version})`, async () => {
          let replica: Socket | undefined;
          const timeouts = { requestMs: 1000, ...(name.includes('silent') ? { idleMs: 500 } : {}) };
          const front = await bench.front({ timeouts });
          const port = await bench.rawReplica((socket) => {
            replica = socket;
            socket.on('data', () => socket.write(head));
          });
          front.capacity.add(port, 'replica');
          const client = await bench.connect(front.port);
          let error: unknown;
          client.socket.on('error', (thrown) => {
            error = thrown;
          });
          await client.send(get.replace('1.1', version)).until('half');
          await act(front, replica);
          await client.closed;
          if (version === '1.0') {
            expect(error).toMatchObject({ code: 'ECONNRESET' });
          } else {
            expect(client.text).toMatch(/half(?:\r\n)?$/u);
          }
          await until(() => front.log.length === 1);
          expect(front.log[0]).toMatchObject({ status: 200, code });
          expect(front.problems).toEqual([code]);
        });
      }
    }
  }

  it('and one that its replica ends do not look alike', async () => {
    const front = await bench.front();
    front.capacity.add(
      await bench.rawReplica((socket) => {
        socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\n\r\nwhole'));
      }),
    );
    const client = await bench.connect(front.port);
    expect(await client.send(get).until('0\r\n\r\n')).toContain('whole\r\n0\r\n\r\n');
    expect(front.problems).toEqual([]);
  });
});
