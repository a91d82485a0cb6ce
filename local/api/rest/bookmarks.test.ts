import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../../lib/testing/fake-clock.ts';
import { scheduleBookmarks } from './bookmarks.ts';

/** As Node's timers, which may come a fraction of a millisecond early. */
class EarlyClock extends FakeClock {
  override schedule(ms: number, callback: () => void): () => void {
    return super.schedule(ms - 0.5, callback);
  }
}

async function momentsOf(lengthMs: number, cancelAtMs = Infinity, clock = new FakeClock()): Promise<number[]> {
  const moments: number[] = [];
  const cancel = scheduleBookmarks(clock, lengthMs, () => moments.push(clock.monotonic() / 1000));
  await clock.advance(Math.min(cancelAtMs, lengthMs));
  cancel();
  await clock.advance(lengthMs);
  expect(clock.pending).toBe(0);
  return moments;
}

describe('the bookmarks of a watch', () => {
  it('come every minute, and two seconds before its end', async () => {
    expect(await momentsOf(200_000)).toEqual([60, 120, 180, 198]);
  });

  it('are one when it is short', async () => {
    expect(await momentsOf(5000)).toEqual([3]);
  });

  it('are one when its timer is early', async () => {
    expect(await momentsOf(5000, Infinity, new EarlyClock())).toEqual([2.9995]);
  });

  it('are none when it is over at once', async () => {
    expect(await momentsOf(2000)).toEqual([]);
  });

  it('end with it', async () => {
    expect(await momentsOf(200_000, 70_000)).toEqual([60]);
  });
});
