import { describe, expect, it } from 'vitest';

import { StatusError } from '../../lib/kube/status-error.ts';
import { aTarget } from '../testing/fake-function.ts';
import { codeOf, leased, makeActivator, makeWorld } from '../testing/fake-world.ts';

const longMs = 120_000;

describe('waking', () => {
  it('gives the first request the first replica that answers, long before the kubelet calls it Ready', async () => {
    const world = makeWorld({ writeMs: 5, scheduleMs: 20, startMs: 80, kubeletLagMs: 800 });
    const call = world.call(world.apply());
    await world.clock.advance(104);
    expect(call.lease).toBeUndefined();
    await world.clock.advance(20);
    expect(call.lease?.replica).toEqual({ id: 'uid-1', host: '10.0.0.1', port: 1, protocol: 'Http1' });
    expect(call.lease?.revisionName).toBe('hello-1');
  });

  it('tells the phases of the wait, and only to who waited for the start', async () => {
    const told: unknown[] = [];
    const world = makeWorld({}, { onColdStart: (route, coldStart) => told.push([route.key, coldStart]) });
    const route = world.apply();
    const [first, second] = world.calls(route, 2);
    await world.clock.advance(200);
    expect(first?.lease?.coldStart).toMatchObject({ queue: 0, schedule: 25 });
    expect(told).toEqual([
      ['shop/hello', { revisionName: 'hello-1', phases: first?.lease?.coldStart, isFirst: true }],
      ['shop/hello', { revisionName: 'hello-1', phases: second?.lease?.coldStart, isFirst: false }],
    ]);
    const late = world.call(route);
    await world.clock.advance(0);
    expect(late.lease?.coldStart).toBeUndefined();
  });

  it('tells every wake from zero once', async () => {
    const wakes: boolean[] = [];
    const world = makeWorld({}, { onColdStart: (_route, { isFirst }) => wakes.push(isFirst) });
    const route = world.apply({ scaling: { idleTimeoutMs: 1000 } });
    for (let round = 0; round < 2; round++) {
      const call = world.call(route);
      await world.clock.advance(500);
      call.release();
      await world.clock.advance(longMs);
    }
    expect(wakes).toEqual([true, true]);
  });

  it('writes the scale once for a hundred requests that come together', async () => {
    const world = makeWorld();
    const route = world.apply();
    const all = world.calls(route, 100);
    await world.clock.advance(500);
    expect(world.scales).toEqual([1]);
    expect(leased(all)).toHaveLength(100);
  });

  it('raises a wake that is under way when more wait than it was for', async () => {
    const world = makeWorld();
    const route = world.apply({ scaling: { target: 10 } });
    world.calls(route, 1);
    await world.clock.advance(1);
    world.calls(route, 34);
    await world.clock.advance(20);
    expect(world.scales).toEqual([1, 4]);
  });

  const sizes = [
    { name: 'activationReplicas is the least', fields: { scaling: { activationReplicas: 3 } }, waiting: 1, want: 3 },
    { name: 'what waits divided by the target, rounded up', fields: { scaling: { target: 10 } }, waiting: 31, want: 4 },
    { name: 'a hard limit below the target divides', fields: { concurrencyLimit: 5 }, waiting: 31, want: 7 },
    { name: 'maxReplicas is the most', fields: { scaling: { target: 1, maxReplicas: 6 } }, waiting: 31, want: 6 },
  ];
  for (const { name, fields, waiting, want } of sizes) {
    it(`asks for enough replicas: ${name}`, async () => {
      const world = makeWorld();
      world.calls(world.apply(fields), waiting);
      await world.clock.advance(50);
      expect(world.scales.at(-1)).toBe(want);
    });
  }

  it('tries a failed scale write again while somebody waits, and stops when nobody does', async () => {
    const world = makeWorld();
    const route = world.apply();
    let attempts = 0;
    world.cluster.fault = () => {
      attempts++;
      return new StatusError({ code: 500, reason: 'InternalError', message: 'etcd is away' });
    };
    const call = world.call(route);
    await world.clock.advance(3000);
    expect(attempts).toBeGreaterThan(3);
    expect(attempts).toBeLessThan(12);
    call.leave();
    await world.clock.advance(10_000);
    const before = attempts;
    await world.clock.advance(longMs);
    expect(attempts).toBe(before);
    expect(world.clock.pending).toBe(0);
  });

  it('does not wake for a client that left before the write was sent', async () => {
    const world = makeWorld({}, { maxScaleWrites: 1 });
    world.call(world.apply({ key: 'shop/other', name: 'other', targets: [aTarget('other-1')] }));
    const call = world.call(world.apply());
    call.leave();
    await world.clock.advance(100);
    expect(world.cluster.writes.map(({ name }) => name)).toEqual(['other-1']);
  });

  it('repeats a wake whose pods never came', async () => {
    const world = makeWorld();
    world.cluster.isFull = true;
    world.call(world.apply());
    await world.clock.advance(4000);
    expect(world.scales).toEqual([1]);
    world.cluster.isFull = false;
    await world.clock.advance(4000);
    expect(world.scales).toEqual([1, 1]);
    expect(world.cluster.podsOf('hello-1')).toHaveLength(1);
  });

  it('does not write before all pods are known: replicas not seen yet would be scaled away', async () => {
    const { clock, cluster } = makeWorld();
    const world = makeActivator(clock, cluster);
    world.call(world.apply());
    await clock.advance(2000);
    expect(world.scales).toEqual([]);
    world.capacity.podsSynced();
    await clock.advance(10);
    expect(world.scales).toEqual([1]);
  });

  it('leaves a revision that another activator owns alone', async () => {
    const world = makeWorld({}, { ownership: { owns: (key) => key !== 'shop/hello-1' } });
    world.call(world.apply());
    await world.clock.advance(2000);
    expect(world.cluster.writes).toEqual([]);
  });
});

describe('a cold start that cannot succeed', () => {
  const failure = { reason: 'CodeDidNotLoad', message: "SyntaxError: Unexpected token '}'" } as const;

  it('is told to all who wait as soon as the pod says so', async () => {
    const world = makeWorld({ scheduleMs: 20 });
    world.cluster.failure = failure;
    const all = world.calls(world.apply(), 3);
    await world.clock.advance(30);
    expect(all.map(codeOf)).toEqual(['ColdStartFailed', 'ColdStartFailed', 'ColdStartFailed']);
    expect(all[0]?.error).toMatchObject({
      message: "CodeDidNotLoad: SyntaxError: Unexpected token '}'",
      retryAfterSeconds: 10,
    });
    expect(world.capacity.stats.waitingRequests).toBe(0);
  });

  it('is told at once to who comes while it lasts, and no longer once the pod is gone', async () => {
    const world = makeWorld();
    world.cluster.failure = failure;
    const route = world.apply();
    world.call(route);
    await world.clock.advance(100);
    const second = world.call(route);
    await world.clock.advance(0);
    expect(codeOf(second)).toBe('ColdStartFailed');
    // Nobody waits: to zero after idleTimeout, and the next request starts from the beginning.
    world.cluster.failure = undefined;
    await world.clock.advance(40_000);
    const third = world.call(route);
    await world.clock.advance(200);
    expect(third.lease).toBeDefined();
  });

  it('is not what a replica has that served and died: it comes back, and requests wait for it', async () => {
    const world = makeWorld();
    const route = world.apply();
    await world.warm(route);
    const [pod] = world.cluster.podsOf('hello-1');
    world.cluster.crash(pod, { reason: 'ContainerCrashed', message: 'exit code 1' });
    const call = world.call(route);
    await world.clock.advance(100);
    expect(call.error).toBeUndefined();
    world.cluster.revive(pod);
    await world.clock.advance(200);
    expect(call.replicaId).toBe('uid-1');
  });

  it('does not concern those who can still get another replica', async () => {
    const world = makeWorld();
    const route = world.apply({ scaling: { target: 1 } });
    const all = world.calls(route, 2);
    await world.clock.advance(30);
    const [broken] = world.cluster.podsOf('hello-1');
    world.cluster.crash(broken, failure);
    await world.clock.advance(500);
    expect(leased(all)).toHaveLength(2);
  });

  it('is known from the route when there is no revision to start', async () => {
    const world = makeWorld();
    const waiting = world.call(world.apply({ targets: [] }));
    await world.clock.advance(1000);
    expect(waiting.error).toBeUndefined();
    const quota = { reason: 'QuotaExceeded', message: 'exceeded quota: pods=10' } as const;
    const broken = world.apply({ targets: [], failure: quota });
    const late = world.call(broken);
    await world.clock.advance(0);
    expect([codeOf(waiting), codeOf(late)]).toEqual(['ColdStartFailed', 'ColdStartFailed']);
  });
});
