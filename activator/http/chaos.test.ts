import type { Socket } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Bench, type Front, type RawClient, until } from './testing/front.ts';

/** What a replica does with a request. */
const deeds = ['answer', 'answerAtOnce', 'dieUnread', 'dieRead', 'dieHalfway', 'hang', 'refuse'] as const;
type Deed = (typeof deeds)[number];
/** What a client does after it has sent its request. */
const moods = ['wait', 'leaveAtOnce', 'leaveAtAnswer', 'endAtOnce'] as const;

const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n';

const acts: Readonly<Record<Exclude<Deed, 'refuse'>, (socket: Socket, whole: boolean) => void>> = {
  answer: (socket, whole) => {
    if (whole) {
      socket.write(`${ok}done`);
    }
  },
  answerAtOnce: (socket) => socket.write(`${ok}done`),
  dieUnread: (socket) => socket.resetAndDestroy(),
  dieRead: (socket, whole) => {
    if (whole) {
      socket.destroy();
    }
  },
  dieHalfway: (socket) => {
    socket.write(`${ok}do`, () => socket.destroy());
  },
  hang: () => undefined,
};

class Story {
  readonly bench = new Bench();
  /** Request id → connections of replicas that got something of it. */
  readonly seen = new Map<string, Set<Socket>>();
  readonly clients: RawClient[] = [];
  #port = 0;

  async begin(replicas: readonly Deed[]): Promise<Front> {
    const front = await this.bench.front({ timeouts: { requestMs: 60_000 } });
    for (const [index, deed] of replicas.entries()) {
      const port = deed === 'refuse' ? await this.bench.deadPort() : await this.replica(acts[deed]);
      front.capacity.add(port, `${deed}-${index}`);
    }
    this.#port = front.port;
    return front;
  }

  replica(act: (socket: Socket, whole: boolean) => void): Promise<number> {
    return this.bench.rawReplica((socket) => {
      let text = '';
      socket.on('data', (chunk: Buffer) => {
        text += chunk.toString();
        const [, method, id = ''] = /^(GET|POST) \/(\d+) /u.exec(text) ?? [];
        this.seen.set(id, (this.seen.get(id) ?? new Set()).add(socket));
        const isWhole = text.endsWith(method === 'POST' ? '\r\n\r\nhello' : '\r\n\r\n');
        act(socket, isWhole);
        text = isWhole ? '' : text;
      });
    });
  }

  async send(id: number, mood: (typeof moods)[number], withBody: boolean): Promise<void> {
    const client = await this.bench.connect(this.#port);
    this.clients.push(client);
    const method = withBody ? 'POST' : 'GET';
    client.send(
      `${method} /${id} HTTP/1.1\r\nHost: hello.shop\r\n${withBody ? 'Content-Length: 5\r\n' : ''}\r\n${withBody ? 'hello' : ''}`,
    );
    if (mood === 'leaveAtOnce') {
      client.socket.destroy();
    } else if (mood === 'endAtOnce') {
      client.socket.end();
    } else if (mood === 'leaveAtAnswer') {
      client.socket.once('data', () => client.socket.resetAndDestroy());
    }
  }
}

const plan = fc.record({
  replicas: fc.array(fc.constantFrom(...deeds), { minLength: 1, maxLength: 4 }),
  requests: fc.array(fc.record({ mood: fc.constantFrom(...moods), withBody: fc.boolean() }), {
    minLength: 1,
    maxLength: 8,
  }),
});
type Plan = typeof plan extends fc.Arbitrary<infer T> ? T : never;

async function play(story: Story, { replicas, requests }: Plan): Promise<Front> {
  const front = await story.begin(replicas);
  await Promise.all(requests.map(({ mood, withBody }, id) => story.send(id, mood, withBody)));
  const stayers = requests.filter(({ mood }) => mood === 'wait' || mood === 'leaveAtAnswer').length;
  await until(() => front.ledger.counts.accepted >= stayers, 'all are accepted who stay');
  await until(() => isStuck(front), 'all that can move has moved');
  // Who left at once may be noticed only now, and then has its own minute.
  for (let turn = 0; turn < 20 && (turn < 2 || front.ledger.inFlight.size > 0); turn++) {
    await front.clock.advance(60_000);
  }
  await until(() => front.ledger.inFlight.size === 0, 'nothing in flight');
  return front;
}

describe('I4, I6: whatever replicas and clients do', () => {
  it('a request is answered once at most, seen by one replica at most, and accounted for; every place is given back', async () => {
    const property = fc.asyncProperty(plan, async (given) => {
      const story = new Story();
      try {
        const { ledger, capacity, log } = await play(story, given);
        for (const sockets of story.seen.values()) {
          expect(sockets.size, 'I4: replicas that saw a request').toBeLessThanOrEqual(1);
        }
        for (const { text } of story.clients) {
          expect(text.match(/HTTP\/1\.1 /gu)?.length ?? 0, 'I4: answers to a request').toBeLessThanOrEqual(1);
        }
        expect(ledger.unaccounted, 'I6').toBe(0);
        expect(capacity.held, 'places that are held').toBe(0);
        expect(log.length, 'lines in the log').toBe(ledger.counts.accepted);
      } finally {
        await story.bench.close();
      }
    });
    await fc.assert(property, { numRuns: 60 });
  }, 60_000);
});

/** What is still in flight waits for a replica, or for one that says nothing. */
function isStuck(front: Front): boolean {
  const waiting = [...front.ledger.inFlight].filter(({ replicaId }) => replicaId?.startsWith('hang') !== true);
  const all = front.capacity.replicas.every(({ id }) => id.startsWith('refuse'));
  return waiting.length === 0 || all;
}
