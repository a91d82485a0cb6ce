import { expect, it } from 'vitest';
import { silentLogger } from '../log.ts';
import { FakeClock } from '../testing/fake-clock.ts';
import type { KubeClient } from './client.ts';
import { EventRecorder, type ObjectEvent } from './event-recorder.ts';
import type { KubeObject } from './objects.ts';
import { StatusError } from './status-error.ts';

const fn: KubeObject = {
  apiVersion: 'flint.dev/v1alpha1',
  kind: 'Function',
  metadata: { name: 'hello', namespace: 'shop', uid: 'u-1' },
};
const ready: ObjectEvent = { type: 'Normal', reason: 'RevisionReady', action: 'Route', note: 'requests go to hello-1' };

interface Written {
  readonly verb: 'create' | 'patch';
  readonly name: string;
  readonly object: Record<string, unknown>;
}

interface Made {
  readonly clock: FakeClock;
  readonly recorder: EventRecorder;
  readonly server: { fails: Error | undefined };
}

function make(written: Written[], fails?: Error): Made {
  const clock = new FakeClock();
  const server = { fails };
  const write = (verb: Written['verb'], name: string, object: object): Promise<unknown> => {
    written.push({ verb, name, object: object as Record<string, unknown> });
    return server.fails === undefined ? Promise.resolve({}) : Promise.reject(server.fails);
  };
  const client = {
    create: (_: unknown, object: KubeObject) => write('create', object.metadata.name, object),
    mergePatch: (_: unknown, { name }: { name: string }, patch: object) => write('patch', name, patch),
  } as unknown as Pick<KubeClient, 'create' | 'mergePatch'>;
  let random = 0;
  const recorder = new EventRecorder({
    client,
    clock,
    random: () => (random += 0.001),
    log: silentLogger,
    controller: 'flint.dev/operator',
    instance: 'operator-1',
  });
  return { clock, recorder, server };
}

it('an event says what happened to which object, and who says so', async () => {
  const written: Written[] = [];
  const { recorder } = make(written);
  recorder.record(fn, ready);
  await recorder.flush();
  expect(written[0]?.object).toMatchObject({
    apiVersion: 'events.k8s.io/v1',
    metadata: { namespace: 'shop' },
    ...ready,
    reportingController: 'flint.dev/operator',
    reportingInstance: 'operator-1',
    regarding: { kind: 'Function', name: 'hello', namespace: 'shop', uid: 'u-1' },
  });
});

it('the same event again is counted in the one that is there; after six minutes it is a new one', async () => {
  const written: Written[] = [];
  const { clock, recorder } = make(written);
  recorder.record(fn, ready);
  await clock.advance(60_000);
  recorder.record(fn, ready);
  await clock.advance(360_000);
  recorder.record(fn, ready);
  await recorder.flush();
  expect(written.map(({ verb }) => verb)).toEqual(['create', 'patch', 'create']);
  expect(written[1]?.object).toMatchObject({ series: { count: 2 } });
  expect(written[1]?.name).toBe(written[0]?.name);
  expect(written[2]?.name).not.toBe(written[0]?.name);
});

it('an event whose first write failed is written when it is said again, once', async () => {
  const written: Written[] = [];
  const { clock, recorder, server } = make(written);
  const say = async (): Promise<void> => {
    recorder.record(fn, ready);
    await recorder.flush();
    await clock.advance(300_000);
  };
  server.fails = new Error('connect ECONNREFUSED');
  await say();
  server.fails = undefined;
  await say();
  await say();
  // Somebody removed it.
  server.fails = new StatusError({ code: 404, reason: 'NotFound', message: 'gone' });
  await say();
  server.fails = undefined;
  await say();
  // It was written, and the answer lost.
  await clock.advance(360_000);
  server.fails = new StatusError({ code: 409, reason: 'AlreadyExists', message: 'there' });
  await say();
  server.fails = undefined;
  await say();
  const calls = ['create', 'create', 'patch', 'patch', 'create', 'create', 'create', 'patch'];
  expect(written.map(({ verb }) => verb)).toEqual(calls);
  expect(new Set(written.map(({ name }) => name)).size).toBe(2);
});

it('one object may say twenty-five things at once, and then one every five minutes', async () => {
  const written: Written[] = [];
  const { clock, recorder } = make(written);
  const say = (count: number): void => {
    for (let index = 0; index < count; index++) {
      recorder.record(fn, { ...ready, note: `${clock.now()} ${index}` });
    }
  };
  say(40);
  await recorder.flush();
  expect(written).toHaveLength(25);
  await clock.advance(300_000);
  say(5);
  recorder.record({ ...fn, metadata: { ...fn.metadata, uid: 'u-2' } }, ready);
  await recorder.flush();
  expect(written).toHaveLength(27);
});

it('what cannot be written is given up, and harms neither the caller nor the next one', async () => {
  const written: Written[] = [];
  const { recorder } = make(written, new Error('connect ECONNREFUSED'));
  recorder.record(fn, ready);
  recorder.record(fn, { ...ready, note: 'another' });
  await recorder.flush();
  expect(written).toHaveLength(2);
});

it('a note is cut at the kibibyte that the API allows', async () => {
  const written: Written[] = [];
  const { recorder } = make(written);
  recorder.record(fn, { ...ready, note: 'x'.repeat(5000) });
  await recorder.flush();
  expect(String(written[0]?.object['note'])).toMatch(/^x{1023}…$/u);
});
