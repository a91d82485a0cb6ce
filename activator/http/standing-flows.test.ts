import { once } from 'node:events';
import { get, type IncomingMessage, type RequestListener } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { Bench, type Front, type RawClient, readAll, until } from './testing/front.ts';
import { bytesPerStandingFlow } from './standing-flows.ts';

const bench = new Bench();
afterEach(() => bench.close());

/** More than the buffers of the kernel take: of a receiver they grow to 32 MB (tcp_rmem), of a sender to 4. */
const large = 64 * 1024 * 1024;
const answerLarge: RequestListener = (_request, response) => {
  response.end(Buffer.alloc(large));
};
const maxBufferedBytes = 2 * bytesPerStandingFlow;

/** A client that asks, and takes nothing of the answer once it stands in the activator. */
async function stand(front: Front): Promise<RawClient> {
  const before = front.flows.count;
  const client = await bench.connect(front.port);
  client.socket.pause();
  client.send('GET / HTTP/1.1\r\nHost: hello.shop\r\n\r\n');
  await until(() => front.flows.count > before || front.problems.length > 0, 'that the answer stands');
  return client;
}

describe('receivers that take nothing', () => {
  it('I9: have room for so many, and the one that has taken nothing for longest gives way', async () => {
    const front = await bench.frontOf(answerLarge, { maxBufferedBytes });
    const [first, second] = [await stand(front), await stand(front)];
    expect(front.problems).toEqual([]);
    await stand(front);
    await until(() => front.problems.length === 1);
    expect(front.problems).toEqual(['Overloaded']);
    await until(() => front.ledger.inFlight.size === 2);
    first.socket.resume();
    await first.closed;
    expect(first.text.length).toBeLessThan(large);
    second.socket.resume();
    await until(() => second.text.length > large, 'that the other one has all of it');
    expect(front.ledger.unaccounted).toBe(0);
  });

  it('I9: that begin to take again have not stood for longest', async () => {
    const front = await bench.frontOf(answerLarge, { maxBufferedBytes });
    const [first, second] = [await stand(front), await stand(front)];
    first.socket.resume();
    await until(() => first.text.length > large, 'that the first one has all of it');
    await stand(front);
    expect(front.problems).toEqual([]);
    await stand(front);
    await until(() => front.problems.length === 1);
    second.socket.resume();
    await second.closed;
    expect(second.text.length).toBeLessThan(large);
  });

  it('count until their exchange is closed', async () => {
    const front = await bench.frontOf(answerLarge, { maxBufferedBytes });
    const client = await stand(front);
    expect(front.flows.count).toBe(1);
    client.socket.destroy();
    await until(() => front.ledger.inFlight.size === 0);
    expect(front.flows.count).toBe(0);
  });

  it('are replicas, too: a body that nobody reads', async () => {
    const front = await bench.front({ maxBufferedBytes: bytesPerStandingFlow });
    front.capacity.add(await bench.rawReplica((socket) => socket.pause()));
    const clients = [await bench.connect(front.port), await bench.connect(front.port)];
    const body = Buffer.alloc(large);
    for (const { socket } of clients) {
      socket.write(`POST / HTTP/1.1\r\nHost: hello.shop\r\nContent-Length: ${large}\r\n\r\n`);
      socket.write(body);
    }
    await until(() => front.problems.length === 1);
    expect(front.problems).toEqual(['Overloaded']);
    await until(() => clients.some(({ text }) => text.startsWith('HTTP/1.1 503 ')));
  });
});

it('a client that takes its answer is no standing one', async () => {
  const front = await bench.frontOf(answerLarge, { maxBufferedBytes });
  for (let round = 0; round < 3; round++) {
    const outgoing = get({ port: front.port, host: '127.0.0.1', headers: { host: 'hello.shop' }, agent: false });
    const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
    expect((await readAll(response)).length).toBe(large);
  }
  await until(() => front.flows.count === 0);
  expect(front.problems).toEqual([]);
});
