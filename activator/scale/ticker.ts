import type { Clock } from '../../lib/clock.ts';

export interface Tickable {
  /** @returns whether it wants to be called again. */
  tick(now: number): boolean;
}

const periodMs = 1000;

/** One timer for all that are active; none when nothing is. */
export class Ticker {
  readonly #clock: Clock;
  readonly #active = new Set<Tickable>();
  #cancel: (() => void) | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#active.size;
  }

  add(item: Tickable): void {
    this.#active.add(item);
    this.#cancel ??= this.#clock.schedule(periodMs, this.#tick);
  }

  delete(item: Tickable): void {
    this.#active.delete(item);
    if (this.#active.size === 0) {
      this.#cancel?.();
      this.#cancel = undefined;
    }
  }

  readonly #tick = (): void => {
    this.#cancel = undefined;
    const now = this.#clock.monotonic();
    for (const item of [...this.#active]) {
      if (!item.tick(now)) {
        this.#active.delete(item);
      }
    }
    if (this.#active.size > 0) {
      this.#cancel ??= this.#clock.schedule(periodMs, this.#tick);
    }
  };
}
