import type { Clock } from '../clock.ts';
import { scheduledSleep } from './scheduled-sleep.ts';

interface Timer {
  readonly at: number;
  readonly id: number;
  readonly fire: () => void;
}

/** A clock that moves only when told. Timers fire in order of time, then of creation. */
export class FakeClock implements Clock {
  #now: number;
  readonly #origin: number;
  /** How far the wall clock is from the time that passed since the start. */
  #skew = 0;
  #nextId = 0;
  #timers: Timer[] = [];

  constructor(now = Date.UTC(2026, 0, 1)) {
    this.#now = now;
    this.#origin = now;
  }

  now(): number {
    return this.#now + this.#skew;
  }

  monotonic(): number {
    return this.#now - this.#origin;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return scheduledSleep(this, ms, signal);
  }

  schedule(ms: number, callback: () => void): () => void {
    const timer = { at: this.#now + Math.max(0, ms), id: this.#nextId++, fire: callback };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  /** Sets the wall clock forward, or back, as NTP or an administrator does: no time passes. */
  jump(ms: number): void {
    this.#skew += ms;
  }

  /** How many timers wait; an idle thing must bring this to 0. */
  get pending(): number {
    return this.#timers.length;
  }

  /** Moves time by `ms`, firing what falls due on the way and letting promises settle after each. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    await settle();
    for (let next = this.#dueBefore(end); next !== undefined; next = this.#dueBefore(end)) {
      const due = next;
      this.#timers = this.#timers.filter((timer) => timer !== due);
      this.#now = Math.max(this.#now, due.at);
      due.fire();
      await settle();
    }
    this.#now = end;
    await settle();
  }

  #dueBefore(end: number): Timer | undefined {
    return this.#timers
      .filter((timer) => timer.at <= end)
      .sort((a, b) => a.at - b.at || a.id - b.id)
      .at(0);
  }
}

/** Lets every promise that is ready run, and those they make ready. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) {
    const { promise, resolve } = Promise.withResolvers<void>();
    setImmediate(resolve);
    await promise;
  }
}
