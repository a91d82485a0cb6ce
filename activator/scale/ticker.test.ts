import { expect, it } from 'vitest';

import { FakeClock } from '../../lib/testing/fake-clock.ts';
import { Ticker } from './ticker.ts';

it('I7: one timer for all, and none when nobody is active', async () => {
  const clock = new FakeClock();
  const ticker = new Ticker(clock);
  expect(clock.pending).toBe(0);
  const ticks: string[] = [];
  const makeItem = (name: string, times: number): { tick(): boolean } => ({
    tick: () => {
      ticks.push(name);
      return --times > 0;
    },
  });
  const [a, b] = [makeItem('a', 1), makeItem('b', 100)];
  ticker.add(a);
  ticker.add(b);
  ticker.add(b);
  expect(clock.pending).toBe(1);
  await clock.advance(2000);
  expect(ticks).toEqual(['a', 'b', 'b']);
  ticker.delete(b);
  expect([clock.pending, ticker.size]).toEqual([0, 0]);
  ticker.add(a);
  await clock.advance(1000);
  expect([ticks.at(-1), clock.pending]).toEqual(['a', 0]);
});
