import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { FakeClock } from '../testing/fake-clock.ts';
import type { ConfigMap } from './objects.ts';
import { byLabel, byOwnerUid, ObjectStore } from './store.ts';
import { WorkQueue } from './work-queue.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const many = 100_000;
/** Ten bytes a key: one forgotten entry of a map takes more than fifty. */
const tolerance = 1_000_000;

function heapGrowth(body: () => void): number {
  collectGarbage();
  const before = process.memoryUsage().heapUsed;
  body();
  collectGarbage();
  return process.memoryUsage().heapUsed - before;
}

it('a store of 100,000 objects that came and went keeps nothing of them', () => {
  const store = new ObjectStore<ConfigMap>({ label: byLabel('l'), owner: byOwnerUid });
  const growth = heapGrowth(() => {
    for (let index = 0; index < many; index++) {
      const name = `object-${index}`;
      const ownerReferences = [{ apiVersion: 'v1', kind: 'X', name, uid: name }];
      store.set(name, {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name, labels: { l: name }, ownerReferences },
      });
      store.delete(name);
    }
  });
  expect(store.size).toBe(0);
  expect(growth).toBeLessThan(tolerance);
});

it('a work queue of 100,000 keys that failed once and succeeded keeps nothing of them', async () => {
  const clock = new FakeClock();
  const queue = new WorkQueue({ clock, random: () => 0 });
  const [before, batch] = [100, 100];
  const work = async (from: number, to: number): Promise<void> => {
    for (let start = from; start < to; start += batch) {
      const keys = Array.from({ length: batch }, (_, index) => `key-${start + index}`);
      for (const key of keys) {
        queue.add(key);
        await queue.take();
        queue.addRateLimited(key);
        queue.done(key);
      }
      await clock.advance(10);
      while (queue.depth > 0) {
        const key = (await queue.take()) ?? '';
        queue.forget(key);
        queue.done(key);
      }
    }
  };
  await work(0, before);
  collectGarbage();
  const used = process.memoryUsage().heapUsed;
  await work(before, before + many);
  collectGarbage();
  expect(process.memoryUsage().heapUsed - used).toBeLessThan(tolerance);
  expect([queue.isIdle, clock.pending]).toEqual([true, 0]);
});
