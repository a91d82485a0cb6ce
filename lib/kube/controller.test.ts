import { expect, it } from 'vitest';
import { silentLogger } from '../log.ts';
import { FakeClock, settle } from '../testing/fake-clock.ts';
import { after, Controller, done, type Reconciler } from './controller.ts';
import { StatusError } from './status-error.ts';

interface Running {
  readonly clock: FakeClock;
  readonly controller: Controller;
  readonly stop: () => Promise<void>;
}

function start(reconcile: Reconciler['reconcile'], ready: readonly Promise<void>[] = []): Running {
  const clock = new FakeClock();
  const controller = new Controller({
    name: 'test',
    reconciler: { reconcile },
    clock,
    random: () => 0.5,
    log: silentLogger,
    ready,
  });
  const stop = new AbortController();
  const run = controller.run(stop.signal);
  return {
    clock,
    controller,
    stop: () => {
      stop.abort(new Error('stopped'));
      return run;
    },
  };
}

it('never works on one key twice at once, and looks again when it changed meanwhile', async () => {
  let [running, most, runs] = [0, 0, 0];
  const gate = Promise.withResolvers<undefined>();
  const { controller, stop } = start(async () => {
    running += 1;
    runs += 1;
    most = Math.max(most, running);
    await gate.promise;
    running -= 1;
    return done;
  });
  controller.enqueue('a/one');
  await settle();
  controller.enqueue('a/one');
  controller.enqueue('a/one');
  await settle();
  expect(runs).toBe(1);
  gate.resolve(undefined);
  await settle();
  expect([runs, most]).toEqual([2, 1]);
  await stop();
});

it('works on several keys at once, but not on all', async () => {
  let running = 0;
  const gate = Promise.withResolvers<undefined>();
  const { controller, stop } = start(async () => {
    running += 1;
    await gate.promise;
    return done;
  });
  ['a', 'b', 'c', 'd', 'e', 'f'].forEach((key) => {
    controller.enqueue(key);
  });
  await settle();
  expect(running).toBe(4);
  gate.resolve(undefined);
  await stop();
});

it('waits for the caches', async () => {
  const seen: string[] = [];
  const ready = Promise.withResolvers<void>();
  const { controller, stop } = start(
    ({ name }) => {
      seen.push(name);
      return Promise.resolve(done);
    },
    [ready.promise],
  );
  controller.enqueue('a/one');
  await settle();
  expect(seen).toEqual([]);
  ready.resolve();
  await settle();
  expect(seen).toEqual(['one']);
  await stop();
});

it('of a standby gathers nothing, and begins with all that there is', async () => {
  const [clock, depths, seen]: [FakeClock, number[], string[]] = [new FakeClock(), [], []];
  const controller = new Controller({
    name: 'test',
    reconciler: {
      reconcile: ({ name }) => {
        seen.push(name);
        return Promise.resolve(done);
      },
    },
    clock,
    random: () => 0.5,
    log: silentLogger,
    metrics: {
      depth: (size) => depths.push(size),
      added: () => undefined,
      retried: () => undefined,
      failing: () => undefined,
    },
    present: () => ['a/one', 'a/two'],
  });
  for (let index = 0; index < 1000; index++) {
    controller.enqueue(`a/gone-${index}`);
  }
  expect(depths).toEqual([]);
  const stop = new AbortController();
  const run = controller.run(stop.signal);
  await settle();
  controller.enqueue('a/three');
  await settle();
  expect(seen).toEqual(['one', 'two', 'three']);
  stop.abort(new Error('stopped'));
  await run;
});

it('tries again with growing pauses, from the start after a success', async () => {
  const at: number[] = [];
  let fails = true;
  const running = start(() => {
    at.push(running.clock.monotonic());
    return fails ? Promise.reject(new Error('no')) : Promise.resolve(done);
  });
  running.controller.enqueue('a/one');
  await running.clock.advance(2000);
  const pauses = at.slice(1).map((time, index) => time - (at[index] ?? 0));
  expect(pauses.length).toBeGreaterThan(3);
  expect(pauses.every((pause, index) => index === 0 || pause >= (pauses[index - 1] ?? 0))).toBe(true);
  fails = false;
  await running.clock.advance(60_000);
  const attempts = at.length;
  expect(running.clock.pending).toBe(0);
  fails = true;
  running.controller.enqueue('a/one');
  await running.clock.advance(Math.ceil(pauses[0] ?? 0) + 1);
  expect(at.length).toBe(attempts + 2);
  await running.stop();
});

it('waits as long as the server asks for, and at most a tenth longer, so that those refused together do not come back together', async () => {
  let runs = 0;
  const { clock, controller, stop } = start(() => {
    runs += 1;
    return runs === 1
      ? Promise.reject(new StatusError({ code: 429, reason: 'TooManyRequests', message: 'slow', retryAfterSeconds: 7 }))
      : Promise.resolve(done);
  });
  controller.enqueue('a/one');
  await clock.advance(7300);
  expect(runs).toBe(1);
  await clock.advance(400);
  expect(runs).toBe(2);
  await stop();
});

it('looks again when the reconciler asks for it', async () => {
  let runs = 0;
  const { clock, controller, stop } = start(() => {
    runs += 1;
    return Promise.resolve(runs === 1 ? after(5000) : done);
  });
  controller.enqueue('a/one');
  await clock.advance(4999);
  expect(runs).toBe(1);
  await clock.advance(1);
  expect(runs).toBe(2);
  expect(clock.pending).toBe(0);
  await stop();
});

it('in a namespace that is being deleted there is nothing to try again', async () => {
  let runs = 0;
  const { clock, controller, stop } = start(() => {
    runs += 1;
    const causes = [{ reason: 'NamespaceTerminating', message: 'going', field: 'metadata.namespace' }];
    return Promise.reject(new StatusError({ code: 403, reason: 'Forbidden', message: 'no', causes }));
  });
  controller.enqueue('a/one');
  await clock.advance(60_000);
  expect([runs, clock.pending]).toEqual([1, 0]);
  await stop();
});

it('when stopped finishes what it is at and begins nothing', async () => {
  const seen: string[] = [];
  const gate = Promise.withResolvers<undefined>();
  const { controller, stop } = start(async ({ name }) => {
    await gate.promise;
    seen.push(name);
    return done;
  });
  ['a', 'b', 'c', 'd', 'late'].forEach((key) => {
    controller.enqueue(key);
  });
  await settle();
  const stopped = stop();
  gate.resolve(undefined);
  await stopped;
  expect(seen.toSorted()).toEqual(['a', 'b', 'c', 'd']);
});
