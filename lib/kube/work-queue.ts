import type { Clock, Random } from '../clock.ts';

export interface WorkQueueOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly metrics?: WorkQueueMetrics;
}

/** Names as in client-go, so that dashboards made for it fit. */
export interface WorkQueueMetrics {
  depth(size: number): void;
  added(): void;
  retried(): void;
  /** Keys whose last turn failed. */
  failing(keys: number): void;
}

const firstRetryMs = 5;
const longestRetryMs = 1_000_000;

/**
 * Keys to work on, each at most once at a time. The algorithm is client-go's: a key that is added while it is worked on is
 * worked on again afterwards; one that is added twice before its turn has one turn.
 *
 * States of a key: absent → dirty (waiting) → processing → absent, or → processing and dirty → dirty.
 */
export class WorkQueue<K extends string = string> {
  readonly #options: WorkQueueOptions;
  /** Keys in order of their turn. */
  readonly #waiting: K[] = [];
  readonly #dirty = new Set<K>();
  readonly #processing = new Set<K>();
  readonly #failures = new Map<K, number>();
  /** Timers of keys that come back later; the earliest wins. */
  readonly #delayed = new Map<K, { readonly at: number; readonly cancel: () => void }>();
  readonly #takers: ((key: K | undefined) => void)[] = [];
  #closed = false;

  constructor(options: WorkQueueOptions) {
    this.#options = options;
  }

  get depth(): number {
    return this.#waiting.length;
  }

  /** Keys waiting, being worked on, or to come back later. */
  get isIdle(): boolean {
    return this.#waiting.length === 0 && this.#processing.size === 0 && this.#delayed.size === 0;
  }

  add(key: K): void {
    if (this.#closed || this.#dirty.has(key)) {
      return;
    }
    this.#options.metrics?.added();
    this.#dirty.add(key);
    if (!this.#processing.has(key)) {
      this.#enqueue(key);
    }
  }

  /** Adds the key after `ms`; of several delays of one key the earliest counts. */
  addAfter(key: K, ms: number): void {
    if (this.#closed) {
      return;
    }
    if (ms <= 0) {
      this.add(key);
      return;
    }
    const at = this.#options.clock.monotonic() + ms;
    const before = this.#delayed.get(key);
    if (before !== undefined && before.at <= at) {
      return;
    }
    before?.cancel();
    const cancel = this.#options.clock.schedule(ms, () => {
      this.#delayed.delete(key);
      this.add(key);
    });
    this.#delayed.set(key, { at, cancel });
  }

  /**
   * The key failed: adds it after a pause that doubles with each failure, 5 ms to 1000 s, with up to a tenth more at random; or
   * after `askedMs`, where the server asked for that.
   */
  addRateLimited(key: K, askedMs?: number): void {
    const failures = this.#failures.get(key) ?? 0;
    this.#failures.set(key, failures + 1);
    this.#options.metrics?.retried();
    this.#options.metrics?.failing(this.#failures.size);
    const pauseMs = Math.min(firstRetryMs * 2 ** failures, longestRetryMs);
    this.addAfter(key, askedMs ?? pauseMs * (1 + this.#options.random() / 10));
  }

  /** The key succeeded: its next failure starts with the short pause again. */
  forget(key: K): void {
    if (this.#failures.delete(key)) {
      this.#options.metrics?.failing(this.#failures.size);
    }
  }

  failures(key: K): number {
    return this.#failures.get(key) ?? 0;
  }

  /** The next key, when it is there; undefined once the queue is closed. Pair with `done`. */
  take(): Promise<K | undefined> {
    const key = this.#waiting.shift();
    if (key !== undefined) {
      this.#start(key);
      return Promise.resolve(key);
    }
    if (this.#closed) {
      return Promise.resolve(undefined);
    }
    const { promise, resolve } = Promise.withResolvers<K | undefined>();
    this.#takers.push(resolve);
    return promise;
  }

  done(key: K): void {
    this.#processing.delete(key);
    if (this.#dirty.has(key)) {
      this.#enqueue(key);
    }
  }

  /** No new keys; whoever waits for one gets undefined. */
  close(): void {
    this.#closed = true;
    this.#waiting.length = 0;
    this.#delayed.forEach(({ cancel }) => {
      cancel();
    });
    this.#delayed.clear();
    this.#takers.splice(0).forEach((resolve) => {
      resolve(undefined);
    });
  }

  #enqueue(key: K): void {
    if (this.#closed) {
      return;
    }
    const taker = this.#takers.shift();
    if (taker !== undefined) {
      this.#start(key);
      taker(key);
      return;
    }
    this.#waiting.push(key);
    this.#options.metrics?.depth(this.#waiting.length);
  }

  #start(key: K): void {
    this.#dirty.delete(key);
    this.#processing.add(key);
    this.#options.metrics?.depth(this.#waiting.length);
  }
}
