import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { Bench, type Front, type RawClient, until } from './testing/front.ts';

const bench = new Bench();
afterEach(() => bench.close());

/** A request that waits for a replica, and of whose body as much is here as is read before that. */
async function waiting(bytes: number): Promise<{ front: Front; client: RawClient }> {
  const front = await bench.front({ timeouts: { requestMs: 0, idleMs: 0 } });
  const client = await bench.connect(front.port);
  client.send(`POST / HTTP/1.1\r\nHost: hello.shop\r\nContent-Length: ${bytes}\r\n\r\n${'x'.repeat(bytes)}`);
  await until(() => front.capacity.requests.length === 1);
  const [exchange] = front.ledger.inFlight;
  await until(() => exchange?.request.complete === true || exchange?.request.socket.isPaused() === true);
  return { front, client };
}

async function reset(client: RawClient): Promise<void> {
  client.socket.resetAndDestroy();
  await once(client.socket, 'close');
}

describe('a request that waits', () => {
  for (const leave of ['destroy', 'resetAndDestroy'] as const) {
    it(`is given up at once when its client leaves and its body is here (${leave})`, async () => {
      const { front, client } = await waiting(60_000);
      client.socket[leave]();
      await until(() => front.ledger.inFlight.size === 0);
      expect(front.ledger).toMatchObject({ unaccounted: 0, counts: { abandoned: 1 } });
    });
  }

  it('is given up soon when its connection breaks behind a body that is not', async () => {
    const { front, client } = await waiting(5_000_000);
    await reset(client);
    await front.clock.advance(1000);
    await until(() => front.ledger.inFlight.size === 0);
    expect(front.ledger).toMatchObject({ unaccounted: 0, counts: { abandoned: 1 } });
    expect(front.clock.pending).toBe(0);
  });

  it('goes to no replica when its connection is broken by then', async () => {
    const { front, client } = await waiting(5_000_000);
    let connections = 0;
    const port = await bench.rawReplica(() => connections++);
    await reset(client);
    front.capacity.add(port);
    await until(() => front.ledger.inFlight.size === 0);
    expect(front.capacity.leases.map(({ state }) => state)).toEqual(['released']);
    expect(connections).toBe(0);
    expect(front.ledger).toMatchObject({ unaccounted: 0, counts: { abandoned: 1 } });
  });

  it('is not hurt by being looked at', async () => {
    const { front, client } = await waiting(5_000_000);
    await front.clock.advance(5000);
    front.capacity.add(
      await bench.replica((request, response) => {
        let received = 0;
        request
          .on('data', (chunk: Buffer) => (received += chunk.length))
          .on('end', () => response.end(`got ${received}`));
      }),
    );
    expect(await client.until('got 5000000')).toMatch(/^HTTP\/1.1 200 OK\r\n/u);
    await until(() => front.ledger.inFlight.size === 0);
    expect(front.clock.pending).toBe(0);
  });
});
