import type { Clock } from '../../lib/clock.ts';
import type { CapacityRequest, Lease } from '../capacity.ts';
import type { WaitingNode } from './waiting-list.ts';

/** Where a request waits. */
export interface WaiterQueue {
  /** Takes it out; it is no longer the queue's business. */
  leave(waiter: Waiter): void;
}

export interface WaiterDeps {
  readonly clock: Clock;
  /** How much longer it may wait. */
  readonly remainingMs: number;
  readonly onTimeout: () => Error;
  /** Called once, when it stops waiting for whatever reason: gives its place back. */
  readonly onLeave: () => void;
}

/**
 * One request that waits for a replica: until it is granted one, its time is up, its client leaves, or it is failed.
 * Whatever comes first decides; it then leaves its queue before anybody else learns of it.
 */
export class Waiter {
  readonly request: CapacityRequest;
  readonly lease: Promise<Lease>;
  /** Set by the queue it is in, together. */
  queue: WaiterQueue | undefined;
  node: WaitingNode<Waiter> | undefined;
  readonly #resolve: (lease: Lease) => void;
  readonly #reject: (error: unknown) => void;
  readonly #deps: WaiterDeps;
  readonly #cancelTimer: () => void;
  readonly #onAbort: () => void;
  #isDone = false;

  constructor(request: CapacityRequest, deps: WaiterDeps) {
    this.request = request;
    this.#deps = deps;
    const { promise, resolve, reject } = Promise.withResolvers<Lease>();
    this.lease = promise;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#cancelTimer = deps.clock.schedule(deps.remainingMs, () => {
      this.fail(deps.onTimeout());
    });
    this.#onAbort = () => {
      this.fail(request.signal.reason);
    };
    request.signal.addEventListener('abort', this.#onAbort, { once: true });
  }

  grant(lease: Lease): void {
    if (this.#leave()) {
      this.#resolve(lease);
    } else {
      lease.release();
    }
  }

  fail(error: unknown): void {
    if (this.#leave()) {
      this.#reject(error);
    }
  }

  #leave(): boolean {
    if (this.#isDone) {
      return false;
    }
    this.#isDone = true;
    this.#cancelTimer();
    this.request.signal.removeEventListener('abort', this.#onAbort);
    this.queue?.leave(this);
    this.#deps.onLeave();
    return true;
  }
}
