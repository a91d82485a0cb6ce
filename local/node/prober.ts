import type { Clock } from '../../lib/clock.ts';
import type { Probe, ProbeResult } from './probe-check.ts';

export interface ProberOptions {
  readonly probe: Probe;
  readonly clock: Clock;
  readonly check: () => Promise<ProbeResult>;
  /** Look more often than the period until the first success, so that a start is noticed at once. */
  readonly isEager: boolean;
  /** The verdict after thresholds, each time it changes; `undefined` before the first. */
  readonly onVerdict: (isPassing: boolean) => void;
  /** Every check that counts and did not pass. */
  readonly onFailure: (result: ProbeResult & { kind: 'failure' | 'unknown' }) => void;
}

const eager = { firstMs: 20, factor: 1.5 };

interface Timing {
  readonly initialDelayMs: number;
  readonly periodMs: number;
  readonly successes: number;
  readonly failures: number;
}

function timingOf(probe: Probe): Timing {
  const { initialDelaySeconds = 0, periodSeconds = 10, successThreshold = 1, failureThreshold = 3 } = probe;
  return {
    initialDelayMs: initialDelaySeconds * 1000,
    periodMs: periodSeconds * 1000,
    successes: successThreshold,
    failures: failureThreshold,
  };
}

/**
 * Repeats one probe of one run of a container until told to stop; then it rejects with the signal's reason. Between two
 * checks there is one timer.
 *
 * Verdict: none → passing or failing after `successThreshold` or `failureThreshold` equal results in a row, and so on back
 * and forth. Eager checks before the first success count as failures only once a period, so that they take nothing of
 * the time the thresholds give.
 */
export async function runProbe(options: ProberOptions, signal: AbortSignal): Promise<void> {
  const { probe, clock, isEager } = options;
  const timing = timingOf(probe);
  const tally = new Tally(timing);
  await clock.sleep(timing.initialDelayMs, signal);
  let pauseMs = isEager ? Math.min(eager.firstMs, timing.periodMs) : timing.periodMs;
  let countFrom = clock.monotonic() + (isEager ? timing.periodMs : 0);
  for (;;) {
    const result = await options.check();
    signal.throwIfAborted();
    if (result.kind !== 'failure' || tally.hasPassed || clock.monotonic() >= countFrom) {
      countFrom = clock.monotonic() + timing.periodMs;
      note(options, tally, result);
    }
    await clock.sleep(tally.hasPassed ? timing.periodMs : pauseMs, signal);
    pauseMs = Math.min(timing.periodMs, pauseMs * eager.factor);
  }
}

function note(options: ProberOptions, tally: Tally, result: ProbeResult): void {
  if (result.kind !== 'success') {
    options.onFailure({ kind: result.kind, message: result.message });
  }
  const verdict = result.kind === 'unknown' ? undefined : tally.count(result.kind === 'success');
  if (verdict !== undefined) {
    options.onVerdict(verdict);
  }
}

class Tally {
  readonly #timing: Timing;
  #last: boolean | undefined;
  #run = 0;
  #verdict: boolean | undefined;
  hasPassed = false;

  constructor(timing: Timing) {
    this.#timing = timing;
  }

  /** @returns the verdict when it changes */
  count(isSuccess: boolean): boolean | undefined {
    this.hasPassed ||= isSuccess;
    this.#run = this.#last === isSuccess ? this.#run + 1 : 1;
    this.#last = isSuccess;
    const needed = isSuccess ? this.#timing.successes : this.#timing.failures;
    if (this.#run < needed || this.#verdict === isSuccess) {
      return undefined;
    }
    this.#verdict = isSuccess;
    return isSuccess;
  }
}
