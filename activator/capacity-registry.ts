import type { Failure } from '../lib/api/reasons.ts';
import type { Clock, Random } from '../lib/clock.ts';
import type { KubeClient } from '../lib/kube/client.ts';
import type { Pod } from '../lib/kube/objects.ts';
import type { Runnable } from '../lib/lifecycle.ts';
import type { Logger } from '../lib/log.ts';
import type { Capacity, CapacityRequest, ColdStart, Lease } from './capacity.ts';
import { AppError } from './errors.ts';
import { FunctionCapacity, type FunctionDeps } from './function-capacity.ts';
import type { Ownership } from './peers/owner.ts';
import { QueueUse, type QueueBounds } from './queue/queue-bounds.ts';
import { readPod, type PodState } from './replicas/pod-state.ts';
import type { Probe } from './replicas/probe.ts';
import type { FunctionRoute } from './routing/route.ts';
import { DeletionCosts } from './scale/deletion-cost.ts';
import { ScaleLimiter } from './scale/scale-limiter.ts';
import { Ticker } from './scale/ticker.ts';

export interface CapacityDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly client: Pick<KubeClient, 'setScale' | 'mergePatch'>;
  readonly probe: Probe;
  readonly failureOf: (pod: Pod) => Failure | undefined;
  readonly ownership: Ownership;
  /** What may wait in the whole activator, beyond which requests are answered with Overloaded. */
  readonly queue: QueueBounds;
  /** Scale writes under way at once. */
  readonly maxScaleWrites: number;
  /** Called for every request that waited for a replica to start. */
  readonly onColdStart: (route: FunctionRoute, coldStart: ColdStart) => void;
}

export interface CapacityStats {
  readonly waitingRequests: number;
  readonly waitingBytes: number;
  /** Revisions that are looked at once a second; 0 when nothing has traffic or replicas that may go away. */
  readonly activeRevisions: number;
  /** Functions that have a route or Pods. */
  readonly functions: number;
}

/** Everything between a routed request and a replica, for all Functions. */
export class CapacityRegistry implements Capacity, Runnable {
  readonly name = 'capacity';
  readonly #deps: CapacityDeps;
  readonly #functionDeps: FunctionDeps;
  readonly #functions = new Map<string, FunctionCapacity>();
  /** By uid: a deletion has to be told with the labels under which the Pod was known. */
  readonly #pods = new Map<string, Pick<PodState, 'functionKey' | 'revisionName'>>();
  readonly #waiting = new QueueUse();
  readonly #ticker: Ticker;
  #isSynced = false;
  #isLeaving = false;
  #isDraining = false;

  constructor(deps: CapacityDeps) {
    this.#deps = deps;
    this.#ticker = new Ticker(deps.clock);
    this.#functionDeps = {
      clock: deps.clock,
      random: deps.random,
      log: deps.log,
      client: deps.client,
      probe: deps.probe,
      ticker: this.#ticker,
      limiter: new ScaleLimiter(deps.maxScaleWrites),
      deletionCosts: new DeletionCosts(deps),
      mayScale: (key) => this.#isSynced && !this.#isDraining && deps.ownership.owns(key),
      mayLower: () => !this.#isLeaving,
      waiting: this.#waiting,
      waitingBounds: deps.queue,
      onColdStart: deps.onColdStart,
    };
  }

  get stats(): CapacityStats {
    return {
      waitingRequests: this.#waiting.requests,
      waitingBytes: this.#waiting.bytes,
      activeRevisions: this.#ticker.size,
      functions: this.#functions.size,
    };
  }

  async acquire(route: FunctionRoute, request: CapacityRequest): Promise<Lease> {
    request.signal.throwIfAborted();
    if (this.#isDraining) {
      throw shuttingDown();
    }
    const known = this.#functions.get(route.key);
    if (known === undefined) {
      throw new AppError('FunctionNotFound', 'the function was deleted');
    }
    return known.acquire(request);
  }

  /** A Function appeared, or what is known of it changed. */
  onRoute(route: FunctionRoute): void {
    this.#function(route.key).onRoute(route);
  }

  onRouteRemoved(key: string): void {
    this.#functions.get(key)?.onRouteRemoved();
    this.#forgetIfEmpty(key);
  }

  /** A labelled Pod appeared or changed. */
  podChanged(pod: Pod): void {
    const state = readPod(pod, this.#deps.failureOf);
    if (state === undefined) {
      return;
    }
    const before = this.#pods.get(state.uid);
    if (before !== undefined && before.revisionName !== state.revisionName) {
      // Relabelled: for its former Revision that is a deletion.
      this.#podGone(state.uid);
    }
    this.#pods.set(state.uid, { functionKey: state.functionKey, revisionName: state.revisionName });
    this.#function(state.functionKey).podChanged(state, !this.#isSynced);
    this.#forgetIfEmpty(state.functionKey);
  }

  podDeleted(pod: Pod): void {
    if (pod.metadata.uid !== undefined) {
      this.#podGone(pod.metadata.uid);
    }
  }

  /** Every Pod that exists has been told. Before that nothing is scaled: unseen replicas would be scaled away. */
  podsSynced(): void {
    this.#isSynced = true;
    for (const known of this.#functions.values()) {
      known.podsSynced();
    }
  }

  /**
   * Another activator takes the traffic over: by what is left here nothing is scaled down any more. Whoever is here still
   * wakes, and gets, what it needs.
   */
  stopLowering(): void {
    this.#isLeaving = true;
  }

  /** Fails all who wait with ShuttingDown, and whoever comes later. Leases that are out stay valid. */
  drain(): void {
    this.#isDraining = true;
    for (const known of this.#functions.values()) {
      known.rejectWaiting(shuttingDown);
    }
  }

  /** Blocks until `signal` aborts; then nothing here waits, ticks, probes or writes any more. */
  async run(signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    if (signal.aborted) {
      resolve(undefined);
    }
    signal.addEventListener(
      'abort',
      () => {
        resolve(undefined);
      },
      { once: true },
    );
    await promise;
    this.drain();
    for (const known of this.#functions.values()) {
      known.close();
    }
  }

  #function(key: string): FunctionCapacity {
    const known = this.#functions.get(key);
    if (known !== undefined) {
      return known;
    }
    const created = new FunctionCapacity(this.#functionDeps, key);
    this.#functions.set(key, created);
    return created;
  }

  #podGone(uid: string): void {
    const pod = this.#pods.get(uid);
    this.#pods.delete(uid);
    if (pod !== undefined) {
      this.#functions.get(pod.functionKey)?.podDeleted(uid, pod.revisionName);
      this.#forgetIfEmpty(pod.functionKey);
    }
  }

  #forgetIfEmpty(key: string): void {
    if (this.#functions.get(key)?.isEmpty === true) {
      this.#functions.delete(key);
    }
  }
}

function shuttingDown(): AppError {
  return new AppError('ShuttingDown', 'this activator is shutting down', { retryAfterSeconds: 1 });
}
