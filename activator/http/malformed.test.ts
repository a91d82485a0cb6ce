import type { Socket } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Bench, type Front, until } from './testing/front.ts';

const requestLines = [
  'GET / HTTP/1.1',
  'GET / HTTP/1.0',
  'HEAD / HTTP/1.1',
  'POST / HTTP/1.1',
  'PUT http://hello.shop/x HTTP/1.1',
  'OPTIONS * HTTP/1.1',
  'CONNECT a.b:80 HTTP/1.1',
  'GET /\xff HTTP/1.1',
  'PRI * HTTP/2.0',
  'garbage',
] as const;
const requestHeaders = [
  'Content-Length: 5',
  'Content-Length: 0',
  'Content-Length: 200000',
  'Transfer-Encoding: chunked',
  'Connection: close',
  'Connection: keep-alive',
  'Connection: Upgrade\r\nUpgrade: websocket',
  'Connection: Upgrade\r\nUpgrade: h2c',
  'Expect: 100-continue',
  'Expect: miracles',
  'Trailer: x-sum',
  'TE: trailers, chunked',
  'Host: b.c',
  'traceparent: x',
] as const;
const statusLines = [
  'HTTP/1.1 200 OK',
  'HTTP/1.0 200 OK',
  'HTTP/1.1 000 None',
  'HTTP/1.1 099 None',
  'HTTP/1.1 100 Continue',
  'HTTP/1.1 101 Switching Protocols',
  'HTTP/1.1 103 Early Hints',
  'HTTP/1.1 204 No Content',
  'HTTP/1.1 304 Not Modified',
  'HTTP/1.1 999 x',
  'HTTP/1.1 200 O\x01K',
  'HTTP/1.1 200',
  'garbage',
] as const;
const answerHeaders = [
  'Content-Length: 5',
  'Content-Length: 0',
  'Content-Length: 300000',
  'Transfer-Encoding: chunked',
  'Transfer-Encoding: gzip, chunked',
  'Connection: close',
  'Connection: keep-alive',
  'Connection: Upgrade\r\nUpgrade: websocket',
  'Connection: content-length, date',
  'Trailer: x-sum',
  'flint-load-ms: x',
] as const;
const bodies = [
  '',
  'hello',
  '5\r\nhello\r\n0\r\n\r\n',
  '5\r\nhello\r\n0\r\nX-Sum: 1\r\nContent-Length: 7\r\n\r\n',
  '5\r\nhel',
  '\0\x01',
  'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok',
  'x'.repeat(200_000),
] as const;
const ends = ['stay', 'end', 'destroy', 'resetAndDestroy'] as const;
type End = (typeof ends)[number];

const requestText = fc
  .record({
    line: fc.constantFrom(...requestLines),
    headers: fc.subarray([...requestHeaders], { maxLength: 3 }),
    body: fc.constantFrom(...bodies),
  })
  .map(({ line, headers, body }) => [line, 'Host: hello.shop', ...headers, '', body].join('\r\n'));

const answer = fc.record({
  text: fc
    .record({
      line: fc.constantFrom(...statusLines),
      headers: fc.subarray([...answerHeaders], { maxLength: 3 }),
      body: fc.constantFrom(...bodies),
    })
    .map(({ line, headers, body }) => [line, ...headers, '', body].join('\r\n')),
  end: fc.constantFrom(...ends),
});

const plan = fc.record({
  clients: fc.array(
    fc.record({
      requests: fc.array(requestText, { minLength: 1, maxLength: 4 }),
      reads: fc.boolean(),
      end: fc.constantFrom(...ends),
    }),
    { minLength: 1, maxLength: 3 },
  ),
  answers: fc.array(answer, { minLength: 1, maxLength: 4 }),
  isLate: fc.boolean(),
});
type Plan = typeof plan extends fc.Arbitrary<infer T> ? T : never;

function finish(socket: Socket, end: End): void {
  if (end !== 'stay') {
    socket[end]();
  }
}

/** Gives what is on its way the time to arrive, and to be taken wrongly. */
async function someTurns(): Promise<void> {
  let turns = 0;
  await until(() => turns++ > 30);
}

async function play(bench: Bench, { clients, answers, isLate }: Plan): Promise<Front> {
  const front = await bench.front({ timeouts: { requestMs: 30_000, idleMs: 7000, firstByteMs: 9000 } });
  let answered = 0;
  const port = await bench.rawReplica((socket) => {
    socket.on('data', () => {
      const { text, end } = answers[answered++ % answers.length] ?? { text: '', end: 'stay' };
      socket.write(text, 'latin1', () => {
        finish(socket, end);
      });
    });
  });
  if (!isLate) {
    front.capacity.add(port, 'first');
    front.capacity.add(port, 'second');
  }
  for (const { requests, reads, end } of clients) {
    const client = await bench.connect(front.port);
    if (!reads) {
      client.socket.pause();
    }
    client.send(requests.join(''));
    await someTurns();
    front.capacity.add(port, 'late');
    await someTurns();
    finish(client.socket, end);
  }
  for (let turn = 0; turn < 10 && (turn < 2 || front.ledger.inFlight.size > 0); turn++) {
    await someTurns();
    await front.clock.advance(10_000);
  }
  await until(() => front.ledger.inFlight.size === 0, 'nothing in flight');
  return front;
}

describe('I6: whatever clients and replicas say', () => {
  const uncaught: unknown[] = [];
  const note = (error: unknown): void => {
    uncaught.push(error);
  };
  beforeAll(() => {
    process.on('uncaughtExceptionMonitor', note).on('unhandledRejection', note);
  });
  afterAll(() => {
    process.off('uncaughtExceptionMonitor', note).off('unhandledRejection', note);
  });

  it('nothing is thrown where nobody catches it, all is accounted for, and every place is given back', async () => {
    const property = fc.asyncProperty(plan, async (given) => {
      const bench = new Bench();
      try {
        const { ledger, capacity } = await play(bench, given);
        expect(uncaught.splice(0)).toEqual([]);
        expect(ledger.unaccounted, 'I6').toBe(0);
        expect(capacity.held, 'places that are held').toBe(0);
      } finally {
        await bench.close();
      }
    });
    await fc.assert(property, { numRuns: 500, interruptAfterTimeLimit: 15_000 });
  }, 60_000);
});
