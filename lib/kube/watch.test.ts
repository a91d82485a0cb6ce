import { PassThrough, Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { FakeClock, settle } from '../testing/fake-clock.ts';
import type { WatchEvent } from './client.ts';
import type { ConfigMap } from './objects.ts';
import { isExpired, StatusError } from './status-error.ts';
import { aMap } from './testing/scripted-server.ts';
import { readEvents } from './watch.ts';

const line = (type: string, object: object): string => `${JSON.stringify({ type, object })}\n`;
const status = (code: number, reason: string, details: object = {}): object => ({
  kind: 'Status',
  status: 'Failure',
  message: `it is ${reason}`,
  reason,
  code,
  details,
});

interface Outcome {
  readonly events: readonly WatchEvent<ConfigMap>[];
  readonly error: unknown;
}

async function readAll(chunks: readonly (string | Buffer)[]): Promise<Outcome> {
  const events: WatchEvent<ConfigMap>[] = [];
  const body = Readable.from(chunks.map((chunk) => Buffer.from(chunk)));
  try {
    for await (const event of readEvents<ConfigMap>(body, { clock: new FakeClock(), timeoutSeconds: 300 })) {
      events.push(event);
    }
  } catch (error) {
    return { events, error };
  }
  return { events, error: undefined };
}

describe('a stream of events', () => {
  it('is read whole wherever its bytes are cut', async () => {
    const object = { ...aMap('x', 4), data: { text: 'größer € 😀' } };
    const bytes = Buffer.from(line('ADDED', object) + line('DELETED', object));
    for (let size = 1; size < 12; size++) {
      const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
        bytes.subarray(index * size, (index + 1) * size),
      );
      const { events, error } = await readAll(chunks);
      expect([events, error]).toEqual([
        [
          { type: 'ADDED', object },
          { type: 'DELETED', object },
        ],
        undefined,
      ]);
    }
  });

  it('brings objects without what no reader of a cache looks at', async () => {
    const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': '{}', kept: 'x' };
    const metadata = { ...aMap('x', 4).metadata, annotations, managedFields: [{ manager: 'kubectl' }] };
    const { events } = await readAll([line('ADDED', { ...aMap('x', 4), metadata })]);
    const { managedFields: _, ...rest } = metadata;
    expect(events).toEqual([
      { type: 'ADDED', object: { ...aMap('x', 4), metadata: { ...rest, annotations: { kept: 'x' } } } },
    ]);
  });

  it('tells a bookmark from the one that ends the first objects', async () => {
    const metadata = { resourceVersion: '7' };
    const marked = { ...metadata, annotations: { 'k8s.io/initial-events-end': 'true' } };
    const { events } = await readAll([line('BOOKMARK', { metadata }), line('BOOKMARK', { metadata: marked })]);
    expect(events).toEqual([
      { type: 'BOOKMARK', resourceVersion: '7', initialEventsEnd: false },
      { type: 'BOOKMARK', resourceVersion: '7', initialEventsEnd: true },
    ]);
  });

  it('may say 410 inside a 200: what came before it counts', async () => {
    const { events, error } = await readAll([line('ADDED', aMap('x', 4)), line('ERROR', status(410, 'Expired'))]);
    expect(events).toHaveLength(1);
    expect(isExpired(error)).toBe(true);
  });

  it('may say any other error, with what the server asks for', async () => {
    const { error } = await readAll([line('ERROR', status(429, 'TooManyRequests', { retryAfterSeconds: 9 }))]);
    expect(error).toBeInstanceOf(StatusError);
    expect(error).toMatchObject({ code: 429, reason: 'TooManyRequests', retryAfterSeconds: 9 });
  });

  it('may say an error without a word', async () => {
    expect((await readAll([line('ERROR', {})])).error).toMatchObject({ code: 500, reason: 'InternalError' });
  });

  const nonsense = [
    { name: 'that is cut off in the middle of an event', chunks: [line('ADDED', aMap('x', 4)), '{"type":"ADD'] },
    { name: 'that is no JSON', chunks: [line('ADDED', aMap('x', 4)), '<html>\n'] },
    { name: 'with an event nobody knows', chunks: [line('ADDED', aMap('x', 4)), line('RENAMED', aMap('x', 5))] },
    { name: 'with a line that never ends', chunks: [line('ADDED', aMap('x', 4)), 'x'.repeat(2 ** 24 + 1)] },
  ];
  it.each(nonsense)('$name fails, after what came before', async ({ chunks }) => {
    const { events, error } = await readAll(chunks);
    expect(events).toHaveLength(1);
    expect(error).toBeInstanceOf(Error);
  });
});

describe('a silent peer', () => {
  interface Silent {
    readonly body: PassThrough;
    readonly clock: FakeClock;
    readonly ended: Promise<unknown>;
    readonly hasEnded: () => boolean;
  }

  function watchSilently(): Silent {
    const [body, clock] = [new PassThrough(), new FakeClock()];
    const state = { ended: false };
    const read = async (): Promise<void> => {
      for await (const _ of readEvents(body, { clock, timeoutSeconds: 300 })) {
        // Only its end is of interest.
      }
    };
    const ended = read()
      .catch((error: unknown) => error)
      .finally(() => (state.ended = true));
    return { body, clock, ended, hasEnded: () => state.ended };
  }

  it('is given up half a minute after the watch should have ended', async () => {
    const { clock, ended, hasEnded } = watchSilently();
    await clock.advance(329_000);
    expect(hasEnded()).toBe(false);
    await clock.advance(1000);
    expect(String(await ended)).toContain('the server was silent for 330 s');
    expect(clock.pending).toBe(0);
  });

  it('is not one that says anything, and leaves no timer when it ends', async () => {
    const { body, clock, ended, hasEnded } = watchSilently();
    for (let round = 0; round < 5; round++) {
      await clock.advance(300_000);
      body.write(line('BOOKMARK', { metadata: { resourceVersion: '7' } }));
      await settle();
    }
    expect([hasEnded(), clock.pending]).toEqual([false, 1]);
    body.end();
    expect(await ended).toBeUndefined();
    expect(clock.pending).toBe(0);
  });
});
