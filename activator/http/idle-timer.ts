import type { Clock } from '../../lib/clock.ts';

/** Calls back once nothing has happened for a while. One timer, however often something happens. */
export class IdleTimer {
  readonly #clock: Clock;
  readonly #idleMs: number;
  readonly #onIdle: () => void;
  #lastAt = 0;
  #cancel: (() => void) | undefined;

  /** @param idleMs 0 is never. */
  constructor(clock: Clock, idleMs: number, onIdle: () => void) {
    this.#clock = clock;
    this.#idleMs = idleMs;
    this.#onIdle = onIdle;
  }

  start(): void {
    if (this.#idleMs > 0) {
      this.#lastAt = this.#clock.monotonic();
      this.#wait(this.#idleMs);
    }
  }

  touch(): void {
    if (this.#cancel !== undefined) {
      this.#lastAt = this.#clock.monotonic();
    }
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #wait(ms: number): void {
    this.#cancel = this.#clock.schedule(ms, () => {
      const leftMs = this.#lastAt + this.#idleMs - this.#clock.monotonic();
      if (leftMs <= 0) {
        this.#cancel = undefined;
        this.#onIdle();
      } else {
        this.#wait(leftMs);
      }
    });
  }
}
