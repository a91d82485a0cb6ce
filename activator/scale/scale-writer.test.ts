import { describe, expect, it } from 'vitest';

import { StatusError } from '../../lib/kube/status-error.ts';
import { silentLogger } from '../../lib/log.ts';
import { FakeClock } from '../../lib/testing/fake-clock.ts';
import { FakeCluster } from '../testing/fake-cluster.ts';
import { ScaleLimiter } from './scale-limiter.ts';
import { type ScaleOrder, ScaleWriter } from './scale-writer.ts';

interface Fixture {
  readonly clock: FakeClock;
  readonly cluster: FakeCluster;
  readonly writer: ScaleWriter;
  readonly events: string[];
  readonly place: (replicas: number, fields?: Partial<ScaleOrder>) => ScaleOrder;
  readonly written: () => (number | undefined)[];
}

function makeFixture(): Fixture {
  const clock = new FakeClock();
  const cluster = new FakeCluster(clock, { writeMs: 10 });
  const events: string[] = [];
  const deps = { clock, random: () => 0.999, log: silentLogger, client: cluster, limiter: new ScaleLimiter(4) };
  const writer = new ScaleWriter(deps, 'shop', 'hello-1');
  const place = (replicas: number, fields: Partial<ScaleOrder> = {}): ScaleOrder => {
    const order: ScaleOrder = {
      replicas,
      isUrgent: false,
      stillWanted: () => true,
      onSend: () => events.push(`send ${replicas}`),
      onWritten: () => events.push(`written ${replicas}`),
      onFailed: () => events.push(`failed ${replicas}`),
      ...fields,
    };
    writer.place(order);
    return order;
  };
  return { clock, cluster, writer, events, place, written: () => cluster.writes.map(({ replicas }) => replicas) };
}

const unavailable = new StatusError({ code: 503, reason: 'ServiceUnavailable', message: 'not now' });

describe('ScaleWriter', () => {
  it('writes one order at a time and only the newest of those that came meanwhile', async () => {
    const { clock, events, place, written } = makeFixture();
    place(1);
    place(2);
    await clock.advance(1);
    place(3);
    place(4);
    await clock.advance(100);
    expect(written()).toEqual([1, 4]);
    expect(events).toEqual(['send 1', 'written 1', 'send 4', 'written 4']);
  });

  it('asks at the last moment whether the order is still wanted', async () => {
    const { clock, place, written, writer } = makeFixture();
    place(1);
    let isWanted = true;
    place(0, { stillWanted: () => isWanted });
    isWanted = false;
    await clock.advance(100);
    expect(written()).toEqual([1]);
    expect(writer.isBusy).toBe(false);
  });

  it('tries again with growing pauses for as long as the order is wanted', async () => {
    const { clock, cluster, place, events } = makeFixture();
    const attempts: number[] = [];
    cluster.fault = () => {
      attempts.push(clock.monotonic());
      return unavailable;
    };
    let isWanted = true;
    place(1, { stillWanted: () => isWanted });
    await clock.advance(22_000);
    const pauses = attempts.slice(1).map((at, index) => Math.round((at - (attempts[index] ?? 0) - 10) / 100) * 100);
    expect(pauses).toEqual([100, 200, 400, 800, 1600, 3200, 5000, 5000, 5000]);
    isWanted = false;
    await clock.advance(10_000);
    expect([attempts.length, clock.pending]).toEqual([10, 0]);
    expect(events.filter((event) => event === 'failed 1')).toHaveLength(10);
  });

  it('waits as long as the API server says', async () => {
    const { clock, cluster, place, written } = makeFixture();
    cluster.fault = () =>
      new StatusError({ code: 429, reason: 'TooManyRequests', message: 'slow down', retryAfterSeconds: 3 });
    place(1);
    await clock.advance(100);
    cluster.fault = () => undefined;
    await clock.advance(2800);
    expect(written()).toEqual([]);
    await clock.advance(200);
    expect(written()).toEqual([1]);
  });

  it('takes an order that came during the pause, and not the old one', async () => {
    const { clock, cluster, place, written } = makeFixture();
    cluster.fault = () => unavailable;
    place(1);
    await clock.advance(20);
    cluster.fault = () => undefined;
    place(5);
    await clock.advance(200);
    expect(written()).toEqual([5]);
  });

  it('gives up on an API server that does not answer', async () => {
    const { clock, cluster, place, events } = makeFixture();
    cluster.hang();
    place(1);
    await clock.advance(10_000);
    expect(events.slice(0, 2)).toEqual(['send 1', 'failed 1']);
  });

  it('gives up at once on an answer that is in the way', async () => {
    const { clock, cluster, place, writer, events } = makeFixture();
    cluster.hang();
    const order = place(0, { stillWanted: () => !events.includes('failed 0') });
    await clock.advance(10);
    writer.abandon(order);
    await clock.advance(0);
    expect(events).toEqual(['send 0', 'failed 0']);
  });

  it('knows what was asked for until that is too long ago to rely on', async () => {
    const { clock, place, writer } = makeFixture();
    expect(writer.asked()).toBeUndefined();
    place(3);
    expect(writer.asked()).toBe(3);
    await clock.advance(4000);
    expect(writer.asked()).toBe(3);
    await clock.advance(2000);
    expect(writer.asked()).toBeUndefined();
  });

  it('does nothing any more once it was closed', async () => {
    const { clock, cluster, place, writer, written } = makeFixture();
    cluster.fault = () => unavailable;
    place(1);
    await clock.advance(20);
    cluster.fault = () => undefined;
    writer.close();
    await clock.advance(10_000);
    expect([written(), clock.pending]).toEqual([[], 0]);
  });
});
