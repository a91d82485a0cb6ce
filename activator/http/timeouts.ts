import type { Readable } from 'node:stream';
import type { Clock } from '../../lib/clock.ts';
import { AppError } from '../errors.ts';
import type { FunctionSettings } from '../routing/route.ts';

/** The time limits of one exchange. Each aborts it with the error that names the limit; 0 is off. */
export class Timeouts {
  readonly #clock: Clock;
  readonly #limits: FunctionSettings['timeouts'];
  readonly #abort: (error: AppError) => void;
  readonly #cancels = new Map<'request' | 'firstByte' | 'idle', () => void>();

  constructor(clock: Clock, limits: FunctionSettings['timeouts'], abort: (error: AppError) => void) {
    this.#clock = clock;
    this.#limits = limits;
    this.#abort = abort;
  }

  /** The whole request, waiting included. @param passedMs since its arrival */
  startRequest(passedMs: number): void {
    const { requestMs } = this.#limits;
    this.#start(
      'request',
      requestMs === 0 ? 0 : Math.max(1, requestMs - passedMs),
      () => new AppError('RequestTimeout', `the request took longer than timeouts.request (${requestMs} ms)`),
    );
  }

  startFirstByte(): void {
    const { firstByteMs } = this.#limits;
    this.#start(
      'firstByte',
      firstByteMs,
      () =>
        new AppError(
          'FirstByteTimeout',
          `the function did not begin to answer within timeouts.firstByte (${firstByteMs} ms)`,
        ),
    );
  }

  /** The answer began: from here on no gap in it may be longer than the idle limit. */
  answerBegan(body: Readable): void {
    this.#cancel('firstByte');
    const { idleMs } = this.#limits;
    if (idleMs > 0) {
      const again = (): void => {
        this.#cancel('idle');
        this.#start(
          'idle',
          idleMs,
          () => new AppError('RequestTimeout', `nothing came for timeouts.idle (${idleMs} ms)`),
        );
      };
      again();
      body.on('data', again);
    }
  }

  stop(): void {
    for (const cancel of this.#cancels.values()) {
      cancel();
    }
    this.#cancels.clear();
  }

  #start(name: 'request' | 'firstByte' | 'idle', ms: number, error: () => AppError): void {
    if (ms > 0) {
      this.#cancels.set(
        name,
        this.#clock.schedule(ms, () => {
          this.#abort(error());
        }),
      );
    }
  }

  #cancel(name: 'firstByte' | 'idle'): void {
    this.#cancels.get(name)?.();
    this.#cancels.delete(name);
  }
}
