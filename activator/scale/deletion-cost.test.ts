import { expect, it } from 'vitest';

import { FakeClock } from '../../lib/testing/fake-clock.ts';
import { FakeCluster } from '../testing/fake-cluster.ts';
import { aPodState } from '../testing/fake-replica.ts';
import { deletionCostAnnotation, DeletionCosts } from './deletion-cost.ts';

it('every decision outranks the marks of all earlier ones, within a second and over a restart', async () => {
  const clock = new FakeClock();
  const cluster = new FakeCluster(clock);
  cluster.scale('shop', 'hello-1', 4);
  const [first, second, third, fourth] = cluster.pods.map(({ pod }) => aPodState({ name: pod.metadata.name }));
  const mark = async (costs: DeletionCosts, pods: (typeof first)[]): Promise<void> => {
    const done = costs.mark(
      pods.filter((pod) => pod !== undefined),
      new AbortController().signal,
    );
    await clock.advance(20);
    await done;
  };
  const costs = new DeletionCosts({ clock, client: cluster });
  await mark(costs, [first]);
  await mark(costs, [second, third]);
  await clock.advance(5000);
  await mark(new DeletionCosts({ clock, client: cluster }), [fourth]);
  const marks = cluster.pods.map(({ pod }) => Number(pod.metadata.annotations?.[deletionCostAnnotation]));
  expect(marks[1]).toBe(marks[2]);
  expect([...marks].sort((a, b) => a - b)).toEqual([marks[3], marks[2], marks[1], marks[0]]);
  // The annotation is a 32-bit integer; anything else the API server refuses.
  expect(Math.min(...marks)).toBeGreaterThan(-(2 ** 31));
});
