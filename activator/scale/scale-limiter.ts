/** Never rejects; what goes wrong inside is its own business. */
export type ScaleJob = () => Promise<void>;

/**
 * Bounds the scale writes under way at once. Wakes overtake everything else: a thousand functions going down must not
 * delay one that somebody waits for. Each job is queued at most once, so the queue is bounded by the number of Revisions.
 */
export class ScaleLimiter {
  readonly #maxConcurrent: number;
  readonly #urgent = new Set<ScaleJob>();
  readonly #normal = new Set<ScaleJob>();
  #running = 0;

  constructor(maxConcurrent: number) {
    this.#maxConcurrent = maxConcurrent;
  }

  /** A job that is queued already only moves forward. */
  submit(job: ScaleJob, isUrgent: boolean): void {
    if (isUrgent) {
      this.#normal.delete(job);
      this.#urgent.add(job);
    } else if (!this.#urgent.has(job)) {
      this.#normal.add(job);
    }
    this.#startNext();
  }

  withdraw(job: ScaleJob): void {
    this.#urgent.delete(job);
    this.#normal.delete(job);
  }

  #startNext(): void {
    for (let job = this.#next(); job !== undefined; job = this.#next()) {
      this.#running++;
      void job().finally(() => {
        this.#running--;
        this.#startNext();
      });
    }
  }

  #next(): ScaleJob | undefined {
    if (this.#running >= this.#maxConcurrent) {
      return undefined;
    }
    for (const queue of [this.#urgent, this.#normal]) {
      for (const job of queue) {
        queue.delete(job);
        return job;
      }
    }
    return undefined;
  }
}
