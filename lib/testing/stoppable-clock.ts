import type { Clock } from '../clock.ts';
import { scheduledSleep } from './scheduled-sleep.ts';

/** A clock that can stand still for one process while time goes on, as under SIGSTOP: what falls due meanwhile fires afterwards. */
export class StoppableClock implements Clock {
  readonly #time: Clock;
  #late: (() => void)[] | undefined;

  constructor(time: Clock) {
    this.#time = time;
  }

  now(): number {
    return this.#time.now();
  }

  monotonic(): number {
    return this.#time.monotonic();
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return scheduledSleep(this, ms, signal);
  }

  schedule(ms: number, callback: () => void): () => void {
    let isCancelled = false;
    const fire = (): void => {
      if (!isCancelled) {
        callback();
      }
    };
    const cancel = this.#time.schedule(ms, () => {
      (this.#late === undefined ? fire : () => this.#late?.push(fire))();
    });
    return () => {
      isCancelled = true;
      cancel();
    };
  }

  stop(): void {
    this.#late ??= [];
  }

  continue(): void {
    const late = this.#late ?? [];
    this.#late = undefined;
    late.forEach((fire) => {
      fire();
    });
  }
}
