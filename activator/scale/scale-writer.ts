import { deploymentName, fieldManagers } from '../../lib/api/names.ts';
import type { Clock, Random } from '../../lib/clock.ts';
import { errorMessage } from '../../lib/errors.ts';
import type { KubeClient } from '../../lib/kube/client.ts';
import { deployments } from '../../lib/kube/resources.ts';
import { StatusError } from '../../lib/kube/status-error.ts';
import type { Logger } from '../../lib/log.ts';
import type { ScaleLimiter } from './scale-limiter.ts';

export interface ScaleWriterDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly client: Pick<KubeClient, 'setScale'>;
  readonly limiter: ScaleLimiter;
}

/** A number of replicas to ask for. The last order placed counts; one that was not sent yet is forgotten. */
export interface ScaleOrder {
  readonly replicas: number;
  /** Somebody waits for it. */
  readonly isUrgent: boolean;
  /** Asked at the last moment, with nothing in between but `onSend` and the write. */
  stillWanted(): boolean;
  onSend?(): void;
  onWritten?(): void;
  /** Whether the API server acted on it is unknown. */
  onFailed?(): void;
}

const writeTimeoutMs = 10_000;
const firstRetryMs = 100;
const longestRetryMs = 5000;
/** How long after a write the Pods may still differ from it without anybody having interfered. */
const settleMs = 5000;

/** Writes the scale of one Deployment: one write at a time, the newest order only, failed ones again with back-off. */
export class ScaleWriter {
  readonly #deps: ScaleWriterDeps;
  readonly #deployment: { readonly namespace: string; readonly name: string };
  readonly #job = (): Promise<void> => this.#work();
  readonly #closed = new AbortController();
  #order: ScaleOrder | undefined;
  #sending: ScaleOrder | undefined;
  #written: { readonly replicas: number; readonly at: number } | undefined;
  #giveUp: AbortController | undefined;
  #retryMs = firstRetryMs;
  #cancelRetry: (() => void) | undefined;

  constructor(deps: ScaleWriterDeps, namespace: string, revisionName: string) {
    this.#deps = deps;
    this.#deployment = { namespace, name: deploymentName(revisionName) };
  }

  get isBusy(): boolean {
    return this.#order !== undefined || this.#sending !== undefined;
  }

  has(order: ScaleOrder): boolean {
    return this.#order === order || this.#sending === order;
  }

  /** What the Deployment was or is about to be asked for; undefined when that is too long ago to rely on. */
  asked(): number | undefined {
    const underWay = this.#order ?? this.#sending;
    if (underWay !== undefined) {
      return underWay.replicas;
    }
    const isFresh = this.#written !== undefined && this.#deps.clock.monotonic() - this.#written.at < settleMs;
    return isFresh ? this.#written?.replicas : undefined;
  }

  place(order: ScaleOrder): void {
    this.#order = order;
    // While one is being sent or a retry is due, the newest order is picked up after that.
    if (this.#sending === undefined && this.#cancelRetry === undefined) {
      this.#deps.limiter.submit(this.#job, order.isUrgent);
    }
  }

  /** Gives up on the answer to `order`, if it is being sent: it counts as failed. */
  abandon(order: ScaleOrder): void {
    if (this.#sending === order) {
      this.#giveUp?.abort(new Error('somebody needs the replicas that this would take away'));
    }
  }

  /** Nothing is written any more; a write under way is cut off. */
  close(): void {
    this.#order = undefined;
    this.#cancelRetry?.();
    this.#cancelRetry = undefined;
    this.#deps.limiter.withdraw(this.#job);
    this.#closed.abort(new Error('the scale of this revision is no longer our business'));
  }

  async #work(): Promise<void> {
    const order = this.#order;
    this.#order = undefined;
    if (!order?.stillWanted()) {
      return;
    }
    this.#sending = order;
    order.onSend?.();
    try {
      await this.#write(order.replicas);
      this.#sending = undefined;
      this.#succeeded(order);
    } catch (error) {
      this.#sending = undefined;
      this.#failed(order, error);
    }
  }

  async #write(replicas: number): Promise<void> {
    const giveUp = new AbortController();
    this.#giveUp = giveUp;
    const cancel = this.#deps.clock.schedule(writeTimeoutMs, () => {
      giveUp.abort(new Error(`the API server did not answer within ${writeTimeoutMs} ms`));
    });
    try {
      await this.#deps.client.setScale(deployments, this.#deployment, replicas, {
        fieldManager: fieldManagers.activator,
        signal: AbortSignal.any([giveUp.signal, this.#closed.signal]),
      });
    } finally {
      cancel();
    }
  }

  #succeeded(order: ScaleOrder): void {
    this.#retryMs = firstRetryMs;
    this.#written = { replicas: order.replicas, at: this.#deps.clock.monotonic() };
    this.#deps.log.info('scale written', { replicas: order.replicas });
    order.onWritten?.();
    if (this.#order !== undefined && !this.#closed.signal.aborted) {
      this.#deps.limiter.submit(this.#job, this.#order.isUrgent);
    }
  }

  #failed(order: ScaleOrder, error: unknown): void {
    this.#written = undefined;
    order.onFailed?.();
    if (this.#closed.signal.aborted) {
      return;
    }
    const waitMs = this.#nextWaitMs(error);
    this.#deps.log.warn('the scale could not be written', {
      replicas: order.replicas,
      retryInMs: Math.round(waitMs),
      error: errorMessage(error),
    });
    if (order.stillWanted()) {
      this.#order ??= order;
    }
    // Also without an order: the next one waits its time like a retry.
    this.#cancelRetry = this.#deps.clock.schedule(waitMs, () => {
      this.#cancelRetry = undefined;
      if (this.#order !== undefined) {
        this.#deps.limiter.submit(this.#job, this.#order.isUrgent);
      }
    });
  }

  /** Doubles up to 5 s with half of it left to chance, so that a thousand Revisions do not come back as one. */
  #nextWaitMs(error: unknown): number {
    const base = this.#retryMs;
    this.#retryMs = Math.min(base * 2, longestRetryMs);
    const asked = error instanceof StatusError ? (error.retryAfterSeconds ?? 0) * 1000 : 0;
    return Math.max(asked, base * (0.5 + this.#deps.random() / 2));
  }
}
