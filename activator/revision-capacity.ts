import type { Failure } from '../lib/api/reasons.ts';
import type { Clock, Random } from '../lib/clock.ts';
import { errorMessage } from '../lib/errors.ts';
import type { KubeClient } from '../lib/kube/client.ts';
import type { Logger } from '../lib/log.ts';
import type { CapacityRequest, ColdStart, ColdStartPhases, Lease } from './capacity.ts';
import { coldStartFailed } from './coldstart/failure.ts';
import { makePhases } from './coldstart/phases.ts';
import type { Waiter, WaiterQueue } from './queue/waiter.ts';
import { WaitingList } from './queue/waiting-list.ts';
import { isRefusal, ReplicaLease } from './replicas/lease.ts';
import type { PodState } from './replicas/pod-state.ts';
import type { Probe } from './replicas/probe.ts';
import type { Replica } from './replicas/replica.ts';
import { ReplicaPool } from './replicas/replica-pool.ts';
import { rampStepMs, type PlacePolicy } from './replicas/slow-start.ts';
import type { FunctionSettings, RevisionTarget } from './routing/route.ts';
import type { DeletionCosts } from './scale/deletion-cost.ts';
import { RevisionScaler, type RevisionRole, type ScaledRevision } from './scale/revision-scaler.ts';
import type { ScaleLimiter } from './scale/scale-limiter.ts';
import { ScaleWriter } from './scale/scale-writer.ts';
import type { Tickable, Ticker } from './scale/ticker.ts';
import { softTarget } from './scaling/desired-replicas.ts';
import { RevisionAutoscaler } from './scaling/revision-autoscaler.ts';

/** What all Revisions of an activator share. */
export interface RevisionDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly client: Pick<KubeClient, 'setScale' | 'mergePatch'>;
  readonly probe: Probe;
  readonly limiter: ScaleLimiter;
  readonly ticker: Ticker;
  readonly deletionCosts: DeletionCosts;
  /** False until all Pods are known, and for Revisions of other owners. */
  readonly mayScale: (revisionKey: string) => boolean;
  /** False from the moment in which this activator is told to stop. */
  readonly mayLower: () => boolean;
  readonly onColdStart: (coldStart: ColdStart) => void;
  /** Nothing is left that is worth remembering. */
  readonly onIdle: (revision: RevisionCapacity) => void;
}

export interface RevisionId {
  readonly namespace: string;
  readonly functionName: string;
  readonly name: string;
}

/** What a Revision is at the moment, and the live settings of its Function. */
export interface RevisionAssignment {
  readonly role: RevisionRole;
  /** Only while serving. */
  readonly target: RevisionTarget | undefined;
  readonly settings: FunctionSettings;
}

/** One Revision's replicas, and the requests that wait for them. */
export class RevisionCapacity implements Tickable, WaiterQueue {
  readonly name: string;
  readonly #deps: RevisionDeps;
  readonly #log: Logger;
  readonly #pool: ReplicaPool;
  readonly #waiting = new WaitingList<Waiter>();
  readonly #autoscaler: RevisionAutoscaler;
  readonly #writer: ScaleWriter;
  readonly #scaler: RevisionScaler;
  #assignment: RevisionAssignment;
  #policy: PlacePolicy;
  #cancelRamp: (() => void) | undefined;
  /** When the wake was decided whose first request has been reported. */
  #countedWake: number | undefined;

  constructor(deps: RevisionDeps, id: RevisionId, assignment: RevisionAssignment) {
    const { namespace, functionName, name } = id;
    this.name = name;
    this.#deps = deps;
    this.#log = deps.log.child({ namespace, name: functionName, revision: name });
    this.#assignment = assignment;
    this.#policy = policyOf(assignment);
    this.#pool = new ReplicaPool({
      ...deps,
      onPlace: () => {
        this.#serveWaiting();
      },
    });
    this.#autoscaler = new RevisionAutoscaler(deps.clock.monotonic(), assignment.settings.scaling);
    this.#writer = new ScaleWriter({ ...deps, log: this.#log }, namespace, name);
    this.#scaler = new RevisionScaler({
      ...deps,
      log: this.#log,
      pool: this.#pool,
      autoscaler: this.#autoscaler,
      writer: this.#writer,
      mayScale: () => deps.mayScale(`${namespace}/${name}`),
      revision: () => this.#view(),
    });
  }

  /** Requests waiting or running. */
  get level(): number {
    return this.#autoscaler.level;
  }

  get hasReplicas(): boolean {
    return this.#pool.size > 0;
  }

  /** Replicas that serve or are starting to. */
  get serving(): number {
    return this.#pool.serving;
  }

  /** Why no replica can come up; undefined while one serves or may still. */
  get failure(): Failure | undefined {
    return this.#pool.failure;
  }

  /** The route changed. */
  assign(assignment: RevisionAssignment): void {
    const isBack = assignment.role === 'serving' && this.#assignment.role !== 'serving';
    this.#assignment = assignment;
    this.#policy = policyOf(assignment);
    if (isBack) {
      this.#scaler.callOff();
    }
    this.#scaler.keepMinimum();
    this.#serveWaiting();
    this.#settle();
  }

  /** It gets the load that `replicas` of another Revision had. */
  takeOver(replicas: number): void {
    this.#scaler.takeOver(replicas);
  }

  /** A place at once, or undefined. Nobody overtakes those who wait, save a request whose turn had come before. */
  tryLease(request: CapacityRequest): Lease | undefined {
    if (this.#waiting.size > 0 && request.avoid.size === 0) {
      return undefined;
    }
    const replica = this.#choose(request) ?? this.#pool.chooseSuspect(this.#policy, request.avoid);
    if (replica === undefined) {
      return undefined;
    }
    this.#started(request);
    return this.#leaseOn(replica, request);
  }

  /** Takes a waiting request in and wakes the Revision if it sleeps. */
  enqueue(waiter: Waiter): void {
    this.#started(waiter.request);
    waiter.queue = this;
    waiter.node = waiter.request.avoid.size > 0 ? this.#waiting.prepend(waiter) : this.#waiting.append(waiter);
    this.#scaler.wake();
    this.#serveWaiting();
  }

  /** The waiter left without a replica. Does nothing when it got one, or is not here. */
  leave(waiter: Waiter): void {
    if (this.#unlink(waiter)) {
      this.#ended();
    }
  }

  /** Hands over everybody who waits, oldest first, to wait elsewhere. */
  dismissWaiting(): readonly Waiter[] {
    const waiters = this.#waiting.drain();
    for (const waiter of waiters) {
      waiter.queue = waiter.node = undefined;
      this.#ended();
    }
    return waiters;
  }

  podChanged(pod: PodState, isAtStart: boolean): void {
    if (isAtStart) {
      this.#autoscaler.startBlind(this.#deps.clock.monotonic());
    }
    const before = this.#pool.size;
    this.#pool.apply(pod);
    if (this.#pool.size < before) {
      this.#scaler.keepMinimum();
    }
    this.#failWaiting();
    this.#settle();
  }

  podDeleted(uid: string): void {
    this.#pool.remove(uid);
    this.#scaler.keepMinimum();
    this.#failWaiting();
    this.#settle();
  }

  /** All Pods are known now. */
  podsSynced(): void {
    this.#scaler.keepMinimum();
    this.#scaler.wake();
    this.#settle();
  }

  tick(now: number): boolean {
    this.#scaler.tick(now);
    const isActive = this.#scaler.needsTick();
    this.#pool.setWanted(this.level > 0);
    if (!isActive) {
      this.#offerIdle();
    }
    return isActive;
  }

  close(): void {
    this.#cancelRamp?.();
    this.#scaler.close();
    this.#pool.close();
    this.#deps.ticker.delete(this);
  }

  #view(): ScaledRevision {
    const { role, settings } = this.#assignment;
    return {
      role,
      scaling: settings.scaling,
      drainMs: settings.timeouts.drainMs,
      concurrencyLimit: this.#policy.limit,
      waiting: this.#waiting.size,
    };
  }

  #choose(request: CapacityRequest): Replica | undefined {
    const found = this.#pool.choose(this.#policy, request.avoid);
    return found ?? (this.#scaler.callOff() ? this.#pool.choose(this.#policy, request.avoid) : undefined);
  }

  #started(request: CapacityRequest): void {
    const now = this.#deps.clock.monotonic();
    this.#autoscaler.started(now);
    if (request.avoid.size === 0) {
      this.#autoscaler.arrived(now);
    }
    this.#pool.setWanted(true);
    this.#deps.ticker.add(this);
  }

  #ended(): void {
    this.#autoscaler.ended(this.#deps.clock.monotonic());
  }

  #leaseOn(replica: Replica, request: CapacityRequest): Lease {
    const { endpoint } = replica.pod;
    if (endpoint === undefined) {
      throw new Error(`replica ${replica.id} is in rotation without an address`);
    }
    replica.inFlight++;
    const coldStart = this.#phasesOf(replica, request);
    if (coldStart !== undefined) {
      this.#deps.onColdStart({ revisionName: this.name, phases: coldStart, isFirst: this.#isFirstOfWake() });
    }
    return new ReplicaLease({
      replica: replica.address(endpoint, this.#assignment.target?.protocol ?? 'Http1'),
      revisionName: this.name,
      coldStart,
      onEnd: (refusal) => {
        replica.inFlight--;
        this.#ended();
        if (refusal !== undefined && isRefusal(refusal.error)) {
          this.#log.warn('replica refused a connection', {
            pod: replica.pod.name,
            error: errorMessage(refusal.error),
          });
          this.#pool.suspect(replica);
        }
        this.#serveWaiting();
      },
    });
  }

  /** Only for a request that was there before its replica was. */
  #phasesOf(replica: Replica, { arrivedAt }: CapacityRequest): ColdStartPhases | undefined {
    const { usableAt, addressAt } = replica;
    if (usableAt === undefined || usableAt <= arrivedAt) {
      return undefined;
    }
    return makePhases({
      arrivedAt,
      wokenAt: this.#scaler.wokenAt,
      addressAt: addressAt ?? usableAt,
      usableAt,
      leasedAt: this.#deps.clock.monotonic(),
    });
  }

  #isFirstOfWake(): boolean {
    const { wokenAt } = this.#scaler;
    const isFirst = wokenAt !== this.#countedWake;
    this.#countedWake = wokenAt;
    return isFirst;
  }

  /** As many as there are places for, oldest first. */
  #serveWaiting(): void {
    for (let node = this.#waiting.first; node !== undefined; node = this.#waiting.first) {
      const replica = this.#choose(node.value.request);
      if (replica === undefined) {
        this.#awaitRamp();
        return;
      }
      // A replica that was called back for this one has served it already if it could, on its way back into rotation.
      if (this.#unlink(node.value)) {
        node.value.grant(this.#leaseOn(replica, node.value.request));
      }
    }
  }

  /** A newborn's allowance grows with time; nothing else would call. */
  #awaitRamp(): void {
    if (this.#cancelRamp === undefined && this.#pool.isRamping(this.#policy)) {
      this.#cancelRamp = this.#deps.clock.schedule(rampStepMs, () => {
        this.#cancelRamp = undefined;
        this.#serveWaiting();
      });
    }
  }

  #unlink(waiter: Waiter): boolean {
    if (waiter.node?.list !== this.#waiting) {
      return false;
    }
    this.#waiting.remove(waiter.node);
    waiter.queue = waiter.node = undefined;
    return true;
  }

  /** Nobody waits for what will not come. */
  #failWaiting(): void {
    if (this.#waiting.size === 0) {
      return;
    }
    const { failure } = this;
    if (failure === undefined) {
      // Pods may have gone: the wake they belonged to has to be repeated.
      this.#scaler.wake();
      return;
    }
    this.#log.warn('cold start failed', { ...failure, waiting: this.#waiting.size });
    for (const waiter of this.dismissWaiting()) {
      waiter.fail(coldStartFailed(failure));
    }
  }

  #settle(): void {
    if (this.#scaler.needsTick()) {
      this.#deps.ticker.add(this);
    } else {
      this.#offerIdle();
    }
  }

  #offerIdle(): void {
    if (this.level === 0 && this.#pool.size === 0 && !this.#writer.isBusy) {
      this.#deps.onIdle(this);
    }
  }
}

function policyOf({ target, settings }: RevisionAssignment): PlacePolicy {
  const limit = target?.concurrencyLimit ?? 0;
  return { limit, target: softTarget(settings.scaling, limit) };
}
