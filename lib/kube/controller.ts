import type { Clock, Random } from '../clock.ts';
import { isAbortError } from '../errors.ts';
import { type Runnable, untilAborted } from '../lifecycle.ts';
import type { Logger } from '../log.ts';
import { retryAfterMs } from './backoff.ts';
import { isConflict, isNamespaceTerminating } from './status-error.ts';
import { type ObjectKey, splitKey } from './store.ts';
import { WorkQueue, type WorkQueueMetrics } from './work-queue.ts';

/** What to do with the key next. Throwing means: again, with back-off. */
export type Result = { readonly kind: 'done' } | { readonly kind: 'after'; readonly ms: number };

export const done: Result = { kind: 'done' };

export function after(ms: number): Result {
  return { kind: 'after', ms };
}

/** Level-triggered: it is told which object to look at, never what happened to it. */
export interface Reconciler {
  reconcile(key: ReconcileKey, signal: AbortSignal): Promise<Result>;
}

export interface ReconcileKey {
  readonly namespace?: string;
  readonly name: string;
}

export interface ControllerOptions {
  /** kebab-case noun and job, as `function-revision`. */
  readonly name: string;
  readonly reconciler: Reconciler;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** How many keys are worked on at once; never two of the same. 4 by default. */
  readonly workers?: number;
  /** Nothing is reconciled before all of these resolve: the caches it reads. */
  readonly ready?: readonly Promise<void>[];
  readonly metrics?: WorkQueueMetrics;
  /** The keys of all that there is. With it nothing is gathered before `run` begins: a standby may wait for weeks. */
  readonly present?: () => Iterable<ObjectKey>;
}

/** Works off keys with a reconciler until told to stop, then finishes those it is at. */
export class Controller implements Runnable {
  readonly name: string;
  readonly #options: ControllerOptions;
  readonly #queue: WorkQueue;
  readonly #log: Logger;
  #isGathering: boolean;

  constructor(options: ControllerOptions) {
    this.name = options.name;
    this.#options = options;
    this.#log = options.log.child({ controller: options.name });
    this.#queue = new WorkQueue(options);
    this.#isGathering = options.present === undefined;
  }

  /** Something about the object of this key may have changed. */
  enqueue(key: ObjectKey): void {
    if (this.#isGathering) {
      this.#queue.add(key);
    }
  }

  async run(signal: AbortSignal): Promise<void> {
    const close = (): void => {
      this.#queue.close();
    };
    signal.addEventListener('abort', close, { once: true });
    await untilAborted(Promise.all(this.#options.ready ?? []), signal);
    // One that was stopped before it began hears of no abort any more.
    if (signal.aborted) {
      close();
      return;
    }
    this.#gather();
    const workers = Array.from({ length: this.#options.workers ?? 4 }, () => this.#work(signal));
    await Promise.all(workers);
  }

  #gather(): void {
    this.#isGathering = true;
    for (const key of this.#options.present?.() ?? []) {
      this.#queue.add(key);
    }
  }

  async #work(signal: AbortSignal): Promise<void> {
    for (let key = await this.#queue.take(); key !== undefined; key = await this.#queue.take()) {
      try {
        await this.#reconcile(key, signal);
      } finally {
        this.#queue.done(key);
      }
    }
  }

  async #reconcile(key: ObjectKey, signal: AbortSignal): Promise<void> {
    try {
      const result = await this.#options.reconciler.reconcile(splitKey(key), signal);
      this.#queue.forget(key);
      if (result.kind === 'after') {
        this.#queue.addAfter(key, result.ms);
      }
    } catch (error) {
      if (isAbortError(error, signal)) {
        return;
      }
      if (isNamespaceTerminating(error)) {
        // Its deletion is the next change that this key will see.
        this.#queue.forget(key);
        return;
      }
      this.#retry(key, error);
    }
  }

  #retry(key: ObjectKey, error: unknown): void {
    const failures = this.#queue.failures(key) + 1;
    // A conflict is the ordinary way of learning that the cache is behind; only repeated ones are worth a line.
    if (!isConflict(error) || failures > 3) {
      this.#log.warn('reconcile failed', { ...splitKey(key), failures, error });
    }
    this.#queue.addRateLimited(key, retryAfterMs(error, this.#options.random));
  }
}
