import type { Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { Bench, type Front, type FrontOptions, until } from './testing/front.ts';

const bench = new Bench();
afterEach(() => bench.close());

const get = 'GET / HTTP/1.1\r\nHost: hello.shop\r\n\r\n';

/** A replica that says only what the test has it say. */
async function silentFront(options: FrontOptions): Promise<{ front: Front; replica: () => Socket | undefined }> {
  let replica: Socket | undefined;
  const front = await bench.front(options);
  front.capacity.add(
    await bench.rawReplica((socket) => {
      socket.resume();
      replica = socket;
    }),
  );
  return { front, replica: () => replica };
}

describe('a time that is up', () => {
  const cases = [
    { name: 'for the whole request', timeouts: { requestMs: 1000 }, code: 'RequestTimeout' },
    { name: 'for the first byte', timeouts: { firstByteMs: 1000 }, code: 'FirstByteTimeout' },
  ];
  for (const { name, timeouts, code } of cases) {
    it(`${name}, before there is an answer, is answered 504 ${code}`, async () => {
      const { front, replica } = await silentFront({ timeouts });
      const client = await bench.connect(front.port);
      client.send(get);
      await until(() => replica() !== undefined);
      await front.clock.advance(999);
      expect(client.text).toBe('');
      await front.clock.advance(1);
      const answer = await client.until('}');
      expect(answer).toContain('HTTP/1.1 504 Gateway Timeout');
      expect(answer).toContain(`flint-error: ${code}`);
      await until(() => replica()?.destroyed === true);
      expect(front.capacity.held).toBe(0);
      expect(front.clock.pending).toBe(0);
    });
  }

  const cuts = [
    { name: 'for the whole request', timeouts: { requestMs: 1000 } },
    { name: 'for silence', timeouts: { idleMs: 1000 } },
  ];
  for (const { name, timeouts } of cuts) {
    it(`${name}, during the answer, breaks it off`, async () => {
      const { front, replica } = await silentFront({ timeouts });
      const client = await bench.connect(front.port);
      client.send(get);
      await until(() => replica() !== undefined);
      replica()?.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf');
      await client.until('half');
      await front.clock.advance(1000);
      await client.closed;
      await until(() => front.log.length === 1);
      expect(front.log[0]).toMatchObject({ status: 200, code: 'RequestTimeout' });
      expect(front.ledger.unaccounted).toBe(0);
    });
  }

  it('for the first byte ends with it', async () => {
    const { front, replica } = await silentFront({ timeouts: { firstByteMs: 1000, requestMs: 0 } });
    const client = await bench.connect(front.port);
    client.send(get);
    await until(() => replica() !== undefined);
    replica()?.write('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n');
    await client.until('\r\n\r\n');
    await front.clock.advance(600_000);
    replica()?.write('late');
    expect(await client.until('late')).toContain('200 OK');
  });

  it('for silence does not count while bytes move', async () => {
    const { front, replica } = await silentFront({ timeouts: { idleMs: 1000, requestMs: 0 } });
    const client = await bench.connect(front.port);
    client.send(get);
    await until(() => replica() !== undefined);
    // Thinking is no silence: that is what the first byte's time is for.
    await front.clock.advance(5000);
    replica()?.write('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n');
    for (const part of ['a', 'b', 'c', 'd', 'e']) {
      replica()?.write(part);
      await client.until(part);
      await front.clock.advance(900);
    }
    expect(client.text.endsWith('abcde')).toBe(true);
    await until(() => front.ledger.inFlight.size === 0);
    expect(front.clock.pending).toBe(0);
  });

  it('for the whole request includes the wait for a replica', async () => {
    const front = await bench.front({ timeouts: { requestMs: 1000 } });
    const client = await bench.connect(front.port);
    client.send(get);
    await until(() => front.capacity.requests.length === 1);
    await front.clock.advance(1000);
    expect(await client.until('}')).toContain('RequestTimeout');
  });

  for (const version of ['1.1', '1.0']) {
    for (const isEnding of [false, true]) {
      it(`also ends an answer that the client does not read (HTTP/${version}${isEnding ? ', half closed' : ''})`, async () => {
        const { front, replica } = await silentFront({ timeouts: { requestMs: 1000 } });
        const client = await bench.connect(front.port);
        client.socket.pause();
        client.send(get.replace('1.1', version));
        await until(() => replica() !== undefined);
        const body = Buffer.alloc(32 * 1024 * 1024);
        replica()?.write(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n`);
        replica()?.write(body);
        await until(() => [...front.ledger.inFlight].some(({ request }) => request.socket.writableNeedDrain));
        if (isEnding) {
          client.socket.end();
          await until(() => [...front.ledger.inFlight].some(({ request }) => request.socket.writableEnded));
        }
        await front.clock.advance(1000);
        await until(() => front.ledger.inFlight.size === 0);
        expect(front.capacity.held).toBe(0);
        expect(front.ledger.unaccounted).toBe(0);
      });
    }
  }
});
