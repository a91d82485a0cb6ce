import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FakeClock } from '../testing/fake-clock.ts';
import { WorkQueue } from './work-queue.ts';

function makeQueue(): { queue: WorkQueue; clock: FakeClock } {
  const clock = new FakeClock();
  return { queue: new WorkQueue({ clock, random: () => 0 }), clock };
}

describe('a work queue', () => {
  it('gives a key that was added twice one turn', async () => {
    const { queue } = makeQueue();
    queue.add('a');
    queue.add('a');
    queue.add('b');
    expect([await queue.take(), await queue.take(), queue.depth]).toEqual(['a', 'b', 0]);
  });

  it('gives a key that is added while it is worked on another turn, afterwards', async () => {
    const { queue } = makeQueue();
    queue.add('a');
    await queue.take();
    queue.add('a');
    expect(queue.depth).toBe(0);
    queue.done('a');
    expect(await queue.take()).toBe('a');
  });

  it('brings a failed key back after 5 ms, doubling, and at once after it was forgotten', async () => {
    const { queue, clock } = makeQueue();
    const pauses: number[] = [];
    for (const forget of [false, false, false, true]) {
      const at = clock.monotonic();
      if (forget) {
        queue.forget('a');
      }
      queue.addRateLimited('a');
      const taken = queue.take();
      while (queue.depth === 0 && !queue.isIdle && clock.pending > 0) {
        await clock.advance(1);
      }
      await taken;
      pauses.push(clock.monotonic() - at);
      queue.done('a');
    }
    expect(pauses).toEqual([5, 10, 20, 5]);
  });

  it('of several delays of a key keeps the earliest', async () => {
    const { queue, clock } = makeQueue();
    queue.addAfter('a', 100);
    queue.addAfter('a', 10);
    queue.addAfter('a', 50);
    await clock.advance(10);
    expect([queue.depth, clock.pending]).toEqual([1, 0]);
  });

  it('lets those who wait go when it is closed, and takes nothing more', async () => {
    const { queue, clock } = makeQueue();
    const waiting = queue.take();
    queue.addAfter('a', 10);
    queue.close();
    queue.add('b');
    await clock.advance(100);
    expect([await waiting, await queue.take(), queue.depth]).toEqual([undefined, undefined, 0]);
  });

  it('is idle when nothing waits, is worked on, or comes back later', async () => {
    const { queue, clock } = makeQueue();
    const idle = [queue.isIdle];
    queue.add('a');
    idle.push(queue.isIdle);
    await queue.take();
    idle.push(queue.isIdle);
    queue.addAfter('a', 10);
    queue.done('a');
    idle.push(queue.isIdle);
    await clock.advance(10);
    idle.push(queue.isIdle);
    await queue.take();
    queue.done('a');
    idle.push(queue.isIdle);
    expect(idle).toEqual([true, false, false, false, false, true]);
  });

  it('adds at once what is to come after no time', () => {
    const { queue, clock } = makeQueue();
    queue.addAfter('a', 0);
    queue.addAfter('b', -5);
    expect([queue.depth, clock.pending]).toEqual([2, 0]);
  });

  it('counts failures until the key is forgotten', () => {
    const { queue } = makeQueue();
    expect(queue.failures('a')).toBe(0);
    queue.addRateLimited('a');
    queue.addRateLimited('a');
    expect([queue.failures('a'), queue.failures('b')]).toEqual([2, 0]);
    queue.forget('a');
    expect(queue.failures('a')).toBe(0);
  });

  it('brings a failed key back up to a tenth later by chance, and after 1000 s at the longest', async () => {
    const clock = new FakeClock();
    const queue = new WorkQueue({ clock, random: () => 0.5 });
    for (let failures = 0; failures < 30; failures++) {
      queue.addRateLimited('a');
      const pauseMs = Math.min(5 * 2 ** failures, 1_000_000) * 1.05;
      await clock.advance(pauseMs - 0.1);
      expect(queue.depth).toBe(0);
      await clock.advance(0.1);
      expect(queue.depth).toBe(1);
      queue.done((await queue.take()) ?? '');
    }
  });

  it('that is closed keeps no timer, takes no key that comes later, and ends what is worked on without another turn', async () => {
    const { queue, clock } = makeQueue();
    queue.add('a');
    await queue.take();
    queue.add('a');
    queue.addAfter('b', 10);
    queue.close();
    queue.addAfter('c', 10);
    queue.done('a');
    expect([queue.depth, clock.pending, queue.isIdle]).toEqual([0, 0, true]);
  });

  it('never has a key worked on twice at once, and forgets none, whatever the order', async () => {
    const step = fc.record({ what: fc.constantFrom('add', 'take', 'done'), key: fc.constantFrom('a', 'b', 'c') });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const { queue } = makeQueue();
        const [working, owed] = [new Set<string>(), new Set<string>()];
        for (const { what, key } of steps) {
          if (what === 'add') {
            queue.add(key);
            owed.add(key);
          } else if (what === 'take' && queue.depth > 0) {
            const taken = (await queue.take()) ?? '';
            expect(working.has(taken)).toBe(false);
            working.add(taken);
            owed.delete(taken);
          } else if (what === 'done' && working.delete(key)) {
            queue.done(key);
          }
        }
        [...working].forEach((key) => {
          queue.done(key);
        });
        expect(queue.depth).toBe(owed.size);
      }),
    );
  });
});

it('tells how many keys failed and did not succeed since, and waits as long as the server asks for', async () => {
  const clock = new FakeClock();
  const failing: number[] = [];
  const metrics = {
    depth: () => undefined,
    added: () => undefined,
    retried: () => undefined,
    failing: (keys: number) => failing.push(keys),
  };
  const queue = new WorkQueue({ clock, random: () => 0, metrics });
  queue.addRateLimited('a');
  queue.addRateLimited('a');
  queue.addRateLimited('b', 7000);
  await clock.advance(6999);
  expect(queue.depth).toBe(1);
  await clock.advance(1);
  expect(queue.depth).toBe(2);
  queue.forget('a');
  queue.forget('a');
  queue.forget('b');
  expect(failing).toEqual([1, 1, 2, 1, 0]);
});
