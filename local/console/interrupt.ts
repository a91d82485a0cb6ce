import type { Clock } from '../../lib/clock.ts';

/** 128 + SIGINT, as a shell says it. */
export const exitInterrupted = 130;

/** A terminal tells every program of the command, and npm tells its own once more: what comes so soon is the same Ctrl-C. */
const sameInterruptMs = 500;

export interface InterruptDeps {
  /** Emits `SIGINT` and `SIGTERM`. */
  readonly process: { on(signal: 'SIGINT' | 'SIGTERM', listener: () => void): unknown };
  readonly clock: Pick<Clock, 'monotonic'>;
  /** Ends everything in order. */
  readonly end: () => void;
  /** Somebody insists. */
  readonly exit: () => void;
}

/** Ends at the first signal, exits at the next one. */
export function endOnInterrupt({ process, clock, end, exit }: InterruptDeps): void {
  let firstAt: number | undefined;
  const note = (): void => {
    if (firstAt === undefined) {
      firstAt = clock.monotonic();
      end();
    } else if (clock.monotonic() - firstAt >= sameInterruptMs) {
      exit();
    }
  };
  process.on('SIGINT', note);
  process.on('SIGTERM', note);
}
