import { setTimeout as sleepFor } from 'node:timers/promises';

/** The only source of time. Production uses {@link systemClock}; tests advance a `FakeClock`. */
export interface Clock {
  /** Milliseconds since the Unix epoch; for what people read. It may jump. */
  now(): number;
  /** Milliseconds since an arbitrary origin, with a fraction; for measuring. It never jumps. */
  monotonic(): number;
  /** Resolves after `ms`, or rejects with the signal's reason when aborted first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Calls `callback` once after `ms`. The returned function cancels it and may be called at any time. */
  schedule(ms: number, callback: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: async (ms, signal) => {
    try {
      await sleepFor(ms, undefined, signal === undefined ? {} : { signal });
    } catch (error) {
      signal?.throwIfAborted();
      throw error;
    }
  },
  schedule: (ms, callback) => {
    const timer = setTimeout(callback, ms);
    return () => {
      clearTimeout(timer);
    };
  },
};

/** A number in [0, 1). An argument wherever chance decides, so that a test repeats itself from a seed. */
export type Random = () => number;

/** The production {@link Random}. */
export const systemRandom: Random = () => Math.random();
