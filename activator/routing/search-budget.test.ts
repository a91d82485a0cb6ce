import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../lib/testing/fake-clock.ts';
import { SearchBudget } from './search-budget.ts';

function takeAll(budget: SearchBudget): number {
  let taken = 0;
  while (budget.take()) {
    taken++;
  }
  return taken;
}

describe('a search budget', () => {
  it('allows so many at once and so many a second, saves up no more, and needs no timer', async () => {
    const clock = new FakeClock();
    const budget = new SearchBudget({ clock, perSecond: 4 });
    expect(takeAll(budget)).toBe(4);
    await clock.advance(249);
    expect(takeAll(budget)).toBe(0);
    await clock.advance(1);
    expect(takeAll(budget)).toBe(1);
    await clock.advance(600_000);
    expect(takeAll(budget)).toBe(4);
    expect(clock.pending).toBe(0);
  });
});
