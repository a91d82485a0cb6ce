import type { Random } from '../clock.ts';
import { StatusError } from './status-error.ts';

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

/**
 * How long the server asked to be left alone, and up to a tenth longer at random: those whom it refused together must not come
 * back together. Undefined when it did not ask.
 */
export function retryAfterMs(error: unknown, random: Random): number | undefined {
  return error instanceof StatusError && error.retryAfterSeconds !== undefined
    ? error.retryAfterSeconds * 1000 * (1 + random() / 10)
    : undefined;
}
