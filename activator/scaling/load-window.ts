const bucketMs = 1000;

/**
 * How much one Revision was asked for, in a ring of one-second buckets. Requests that wait count like those that run.
 *
 * Concurrency is integrated exactly: a request that waits or runs from 0.2 s to 2.5 s adds 0.8 to the first bucket, 1 to
 * the second and 0.5 to the third, whenever anybody looks. So nothing has to sample, and an idle Revision needs no timer.
 */
export class LoadWindow {
  readonly #size: number;
  /** Request-seconds by second. */
  readonly #work: Float64Array;
  /** Requests that arrived, by second. */
  readonly #arrivals: Float64Array;
  readonly #startedAt: number;
  #settledAt: number;
  #level = 0;

  /**
   * @param now milliseconds of a clock that never jumps, here and everywhere below.
   * @param longestMs the longest window that will be asked for.
   */
  constructor(now: number, longestMs: number) {
    // One more than asked for: the running second comes on top of the whole ones.
    this.#size = Math.ceil(longestMs / bucketMs) + 1;
    this.#work = new Float64Array(this.#size);
    this.#arrivals = new Float64Array(this.#size);
    this.#startedAt = now;
    this.#settledAt = now;
  }

  /** Requests waiting or running right now. */
  get level(): number {
    return this.#level;
  }

  get longestMs(): number {
    return (this.#size - 1) * bucketMs;
  }

  arrive(now: number): void {
    this.#settle(now);
    const index = this.#indexOf(now);
    this.#arrivals[index] = (this.#arrivals[index] ?? 0) + 1;
  }

  change(now: number, by: number): void {
    this.#settle(now);
    this.#level += by;
  }

  /** Requests waiting or running, on average over the window; over what was seen of it while it is not full. */
  concurrency(now: number, windowMs: number): number {
    this.#settle(now);
    const elapsedMs = now - this.#windowStart(now, windowMs);
    return elapsedMs <= 0 ? this.#level : round(this.#sum(this.#work, now, windowMs) / (elapsedMs / bucketMs));
  }

  /** Requests a second. The first second counts as a whole one: a request 1 ms old is not a thousand a second. */
  requestRate(now: number, windowMs: number): number {
    this.#settle(now);
    const elapsedMs = Math.max(bucketMs, now - this.#windowStart(now, windowMs));
    return round(this.#sum(this.#arrivals, now, windowMs) / (elapsedMs / bucketMs));
  }

  /** The same history and level in a ring for another longest window. */
  resized(now: number, longestMs: number): LoadWindow {
    this.#settle(now);
    const copy = new LoadWindow(this.#startedAt, longestMs);
    const newest = Math.floor(now / bucketMs);
    const kept = Math.min(this.#size, copy.#size, newest + 1);
    for (let second = newest - kept + 1; second <= newest; second++) {
      copy.#work[second % copy.#size] = this.#work[second % this.#size] ?? 0;
      copy.#arrivals[second % copy.#size] = this.#arrivals[second % this.#size] ?? 0;
    }
    copy.#level = this.#level;
    copy.#settledAt = now;
    return copy;
  }

  /** Books the present level up to `now`, clearing the buckets it enters. */
  #settle(now: number): void {
    const oldest = (Math.floor(now / bucketMs) - this.#size + 1) * bucketMs;
    if (this.#settledAt < oldest) {
      this.#settledAt = oldest;
      this.#clear(oldest);
    }
    while (this.#settledAt < now) {
      const nextSecond = (Math.floor(this.#settledAt / bucketMs) + 1) * bucketMs;
      const until = Math.min(now, nextSecond);
      const index = this.#indexOf(this.#settledAt);
      this.#work[index] = (this.#work[index] ?? 0) + (this.#level * (until - this.#settledAt)) / bucketMs;
      this.#settledAt = until;
      if (until === nextSecond) {
        this.#clear(until);
      }
    }
  }

  #clear(at: number): void {
    this.#work[this.#indexOf(at)] = 0;
    this.#arrivals[this.#indexOf(at)] = 0;
  }

  #indexOf(at: number): number {
    return Math.floor(at / bucketMs) % this.#size;
  }

  #windowStart(now: number, windowMs: number): number {
    return Math.max(this.#startedAt, Math.floor(now / bucketMs) * bucketMs - Math.min(windowMs, this.longestMs));
  }

  #sum(buckets: Float64Array, now: number, windowMs: number): number {
    const newest = Math.floor(now / bucketMs);
    const oldest = Math.floor(this.#windowStart(now, windowMs) / bucketMs);
    let sum = 0;
    for (let second = oldest; second <= newest; second++) {
      sum += buckets[second % this.#size] ?? 0;
    }
    return sum;
  }
}

/** To 6 digits: 0.1 + 0.2 requests over a target of 0.3 are one replica, not two. */
function round(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}
