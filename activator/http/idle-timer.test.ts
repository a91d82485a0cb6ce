import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../lib/testing/fake-clock.ts';
import { IdleTimer } from './idle-timer.ts';

function makeTimer(idleMs: number): { clock: FakeClock; timer: IdleTimer; fired: () => number } {
  const clock = new FakeClock();
  let fired = 0;
  const timer = new IdleTimer(clock, idleMs, () => {
    fired++;
  });
  return { clock, timer, fired: () => fired };
}

describe('an idle timer', () => {
  it('fires once, so long after the last thing that happened', async () => {
    const { clock, timer, fired } = makeTimer(1000);
    timer.start();
    await clock.advance(600);
    timer.touch();
    await clock.advance(999);
    expect(fired()).toBe(0);
    await clock.advance(1);
    expect(fired()).toBe(1);
    await clock.advance(10_000);
    expect(fired()).toBe(1);
    expect(clock.pending).toBe(0);
  });

  it('needs one timer for any number of touches', () => {
    const { clock, timer } = makeTimer(1000);
    timer.start();
    for (let count = 0; count < 100; count++) {
      timer.touch();
    }
    expect(clock.pending).toBe(1);
    timer.stop();
    expect(clock.pending).toBe(0);
  });

  it('is off with 0, and before it is started', () => {
    const off = makeTimer(0);
    off.timer.start();
    expect(off.clock.pending).toBe(0);
    const early = makeTimer(1000);
    early.timer.touch();
    expect(early.clock.pending).toBe(0);
  });
});
