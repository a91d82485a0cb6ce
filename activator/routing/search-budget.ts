import type { Clock } from '../../lib/clock.ts';

export interface SearchBudgetOptions {
  readonly clock: Clock;
  /** So many at once after a while without any, and then so many a second. */
  readonly perSecond: number;
}

/** Bounds what anybody may make us search for. A token bucket without a timer: it fills when it is asked. */
export class SearchBudget {
  readonly #options: SearchBudgetOptions;
  #left: number;
  #at: number;

  constructor(options: SearchBudgetOptions) {
    this.#options = options;
    this.#left = options.perSecond;
    this.#at = options.clock.monotonic();
  }

  /** @returns whether there is one left; then it is taken. */
  take(): boolean {
    const { clock, perSecond } = this.#options;
    const now = clock.monotonic();
    this.#left = Math.min(perSecond, this.#left + ((now - this.#at) / 1000) * perSecond);
    this.#at = now;
    if (this.#left < 1) {
      return false;
    }
    this.#left--;
    return true;
  }
}
