import type { Clock } from '../../../lib/clock.ts';

const everyMs = 60_000;
/** The last one comes so long before the end, for the next watch to begin where this one ends. */
const beforeEndMs = 2000;

/**
 * Calls `send` when a watch that ends in `lengthMs` is due for a bookmark: every minute, and shortly before its end, as a real
 * server does it. @returns what ends it
 */
export function scheduleBookmarks(clock: Clock, lengthMs: number, send: () => void): () => void {
  const lastAt = clock.monotonic() + lengthMs - beforeEndMs;
  let cancel = (): void => undefined;
  const scheduleNext = (): void => {
    const leftMs = lastAt - clock.monotonic();
    if (leftMs > 0) {
      cancel = clock.schedule(Math.min(everyMs, leftMs), () => {
        send();
        // A timer may be early by a part of a millisecond: after the last one there is no other, whatever is left.
        if (leftMs > everyMs) {
          scheduleNext();
        }
      });
    }
  };
  scheduleNext();
  return () => {
    cancel();
  };
}
