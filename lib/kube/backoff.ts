import type { Random } from '../clock.ts';

export interface BackoffOptions {
  readonly firstMs: number;
  readonly factor: number;
  readonly longestMs: number;
}

/** Growing pauses between attempts, each between its size and double of it at random, so that clients spread. */
export class Backoff {
  readonly #options: BackoffOptions;
  readonly #random: Random;
  #nextMs: number;

  constructor(options: BackoffOptions, random: Random) {
    this.#options = options;
    this.#random = random;
    this.#nextMs = options.firstMs;
  }

  /** How long to wait before the next attempt. */
  next(): number {
    const pauseMs = this.#nextMs;
    this.#nextMs = Math.min(pauseMs * this.#options.factor, this.#options.longestMs);
    return pauseMs * (1 + this.#random());
  }

  reset(): void {
    this.#nextMs = this.#options.firstMs;
  }
}
