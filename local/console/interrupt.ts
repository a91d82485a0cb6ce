import type { Clock } from '../../lib/clock.ts';

/** 128 + SIGINT, as a shell says it. */
export const exitInterrupted = 130;

/** A terminal tells every program of the command, and npm tells its own once more: what comes so soon is the same Ctrl-C. */
const sameInterruptMs = 500;

/** SIGHUP: the terminal is closed. */
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export interface InterruptDeps {
  readonly process: {
    on(signal: (typeof signals)[number], listener: () => void): unknown;
    readonly stdout: Output;
    readonly stderr: Output;
  };
  readonly clock: Pick<Clock, 'monotonic'>;
  /** Ends everything in order. */
  readonly end: () => void;
  /** Somebody insists. */
  readonly exit: () => void;
}

interface Output {
  on(event: 'error', listener: () => void): unknown;
}

/**
 * Ends at the first signal, exits at the next one. Ends, too, once nobody reads what is written any more: EPIPE of a closed pipe,
 * EIO of a closed terminal.
 */
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
  for (const signal of signals) {
    process.on(signal, note);
  }
  for (const output of [process.stdout, process.stderr]) {
    // Each further line fails as well, and nobody insists by that.
    output.on('error', () => {
      if (firstAt === undefined) {
        note();
      }
    });
  }
}
