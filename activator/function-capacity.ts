import type { CapacityRequest, ColdStart, Lease } from './capacity.ts';
import { coldStartFailed } from './coldstart/failure.ts';
import { AppError } from './errors.ts';
import { admit, leave, QueueUse, type QueueBounds } from './queue/queue-bounds.ts';
import { Waiter, type WaiterQueue } from './queue/waiter.ts';
import { WaitingList } from './queue/waiting-list.ts';
import type { PodState } from './replicas/pod-state.ts';
import { RevisionCapacity, type RevisionAssignment, type RevisionDeps } from './revision-capacity.ts';
import type { FunctionRoute, FunctionSettings, RevisionTarget } from './routing/route.ts';
import type { RevisionRole } from './scale/revision-scaler.ts';

export interface FunctionDeps extends Omit<RevisionDeps, 'onColdStart' | 'onIdle'> {
  /** What waits in the whole activator. */
  readonly waiting: QueueUse;
  readonly waitingBounds: QueueBounds;
  readonly onColdStart: (route: FunctionRoute, coldStart: ColdStart) => void;
}

/** One Function: its route, the bounds of its queue, and its Revisions as far as there is something to know of them. */
export class FunctionCapacity {
  readonly #deps: FunctionDeps;
  readonly #namespace: string;
  readonly #name: string;
  #route: FunctionRoute | undefined;
  /** These three exist only while there is something in them: most functions are idle. */
  #revisions: Map<string, RevisionCapacity> | undefined;
  #unassigned: UnassignedQueue | undefined;
  #use: QueueUse | undefined;

  /** @param key `namespace/name` */
  constructor(deps: FunctionDeps, key: string) {
    this.#deps = deps;
    const slash = key.indexOf('/');
    this.#namespace = key.slice(0, slash);
    this.#name = key.slice(slash + 1);
  }

  /** Neither a route nor a Pod: may be forgotten. */
  get isEmpty(): boolean {
    return this.#route === undefined && this.#revisions === undefined;
  }

  /** @throws AppError, or the signal's reason; see `Capacity.acquire`. */
  async acquire(request: CapacityRequest): Promise<Lease> {
    const route = this.#route;
    if (route === undefined) {
      throw functionGone();
    }
    const revision = this.#pick(route);
    const lease = revision?.tryLease(request);
    if (lease !== undefined) {
      return lease;
    }
    const failure = revision === undefined ? route.failure : revision.failure;
    if (failure !== undefined) {
      throw coldStartFailed(failure);
    }
    return this.#wait(request, { route, revision });
  }

  onRoute(route: FunctionRoute): void {
    const before = this.#route?.targets ?? [];
    this.#route = route;
    for (const revision of this.#allRevisions()) {
      this.#reassign(revision, route);
    }
    if (route.targets.length > 0 || route.failure !== undefined) {
      this.#rehouse(this.#unassigned?.dismissWaiting() ?? [], route);
    }
    this.#handOver(before, route.targets);
    if (route.settings.scaling.minReplicas > 0) {
      // Those that have to have replicas have to be known, even if nobody ever called them.
      for (const { revisionName } of route.targets) {
        this.#reassign(this.#revision(revisionName), route);
      }
    }
  }

  onRouteRemoved(): void {
    this.#route = undefined;
    this.rejectWaiting(functionGone);
    for (const revision of this.#allRevisions()) {
      revision.assign(this.#assignmentOf(revision.name));
      if (!revision.hasReplicas) {
        this.#forget(revision);
      }
    }
  }

  podChanged(pod: PodState, isAtStart: boolean): void {
    const known = this.#revisions?.get(pod.revisionName);
    if (known !== undefined || !pod.ending) {
      (known ?? this.#revision(pod.revisionName)).podChanged(pod, isAtStart);
    }
  }

  podDeleted(uid: string, revisionName: string): void {
    this.#revisions?.get(revisionName)?.podDeleted(uid);
  }

  podsSynced(): void {
    for (const revision of this.#allRevisions()) {
      revision.podsSynced();
    }
  }

  rejectWaiting(makeError: () => Error): void {
    const waiters = this.#allRevisions().flatMap((revision) => revision.dismissWaiting());
    for (const waiter of [...waiters, ...(this.#unassigned?.dismissWaiting() ?? [])]) {
      waiter.fail(makeError());
    }
  }

  close(): void {
    for (const revision of this.#allRevisions()) {
      revision.close();
    }
  }

  #reassign(revision: RevisionCapacity, route: FunctionRoute): void {
    const assignment = this.#assignmentOf(revision.name);
    const homeless = assignment.role === 'serving' ? [] : revision.dismissWaiting();
    revision.assign(assignment);
    this.#rehouse(homeless, route);
  }

  /** Traffic moves all at once, so those who get it start with as many replicas together as those had who lost it. */
  #handOver(before: readonly RevisionTarget[], after: readonly RevisionTarget[]): void {
    const replicas = without(before, after).reduce(
      (sum, { revisionName }) => sum + (this.#revisions?.get(revisionName)?.serving ?? 0),
      0,
    );
    const heirs = without(after, before);
    const percent = heirs.reduce((sum, heir) => sum + heir.percent, 0);
    if (replicas > 1 && percent > 0) {
      for (const heir of heirs) {
        this.#revision(heir.revisionName).takeOver(Math.ceil((replicas * heir.percent) / percent));
      }
    }
  }

  async #wait(request: CapacityRequest, place: Place): Promise<Lease> {
    const { queue } = place.route.settings;
    const { clock, waiting, waitingBounds } = this.#deps;
    const remainingMs = request.arrivedAt + queue.maxWaitMs - clock.monotonic();
    if (remainingMs <= 0) {
      throw queueTimeout(queue.maxWaitMs);
    }
    const uses = { own: (this.#use ??= new QueueUse()), all: waiting };
    admit(request.bytes, { ...uses, ownBounds: queue, allBounds: waitingBounds });
    const waiter = new Waiter(request, {
      clock,
      remainingMs,
      onTimeout: () => queueTimeout(queue.maxWaitMs),
      onLeave: () => {
        leave(request.bytes, uses);
      },
    });
    this.#place(waiter, place.revision);
    const lease = await waiter.lease;
    if (request.signal.aborted) {
      lease.release();
      request.signal.throwIfAborted();
    }
    return lease;
  }

  #place(waiter: Waiter, revision: RevisionCapacity | undefined): void {
    if (revision === undefined) {
      this.#unassigned ??= new UnassignedQueue();
      this.#unassigned.enqueue(waiter);
    } else {
      revision.enqueue(waiter);
    }
  }

  /** Those who lost their Revision, or never had one, wait for one that serves, or learn that none will. */
  #rehouse(waiters: readonly Waiter[], route: FunctionRoute): void {
    for (const waiter of waiters) {
      const revision = this.#pick(route);
      const failure = revision === undefined ? route.failure : revision.failure;
      if (failure === undefined) {
        this.#place(waiter, revision);
      } else {
        waiter.fail(coldStartFailed(failure));
      }
    }
  }

  #pick(route: FunctionRoute): RevisionCapacity | undefined {
    const target = pickTarget(route.targets, this.#deps.random);
    return target === undefined ? undefined : this.#revision(target.revisionName);
  }

  #revision(name: string): RevisionCapacity {
    const known = this.#revisions?.get(name);
    if (known !== undefined) {
      return known;
    }
    const { onColdStart, ...deps } = this.#deps;
    const revision = new RevisionCapacity(
      {
        ...deps,
        onColdStart: (coldStart) => {
          if (this.#route !== undefined) {
            onColdStart(this.#route, coldStart);
          }
        },
        onIdle: (idle) => {
          this.#forgetIdle(idle);
        },
      },
      { namespace: this.#namespace, functionName: this.#name, name },
      this.#assignmentOf(name),
    );
    this.#revisions ??= new Map();
    this.#revisions.set(name, revision);
    return revision;
  }

  #forgetIdle(revision: RevisionCapacity): void {
    const keepsMinimum = (this.#route?.settings.scaling.minReplicas ?? 0) > 0;
    const isServing = this.#route?.targets.some(({ revisionName }) => revisionName === revision.name) ?? false;
    if (!keepsMinimum || !isServing) {
      this.#forget(revision);
    }
  }

  #forget(revision: RevisionCapacity): void {
    revision.close();
    this.#revisions?.delete(revision.name);
    if (this.#revisions?.size === 0) {
      this.#revisions = undefined;
    }
  }

  #allRevisions(): readonly RevisionCapacity[] {
    return [...(this.#revisions?.values() ?? [])];
  }

  #assignmentOf(revisionName: string): RevisionAssignment {
    return {
      role: roleOf(revisionName, this.#route),
      target: this.#route?.targets.find((target) => target.revisionName === revisionName),
      settings: this.#route?.settings ?? unknownSettings,
    };
  }
}

interface Place {
  readonly route: FunctionRoute;
  readonly revision: RevisionCapacity | undefined;
}

/** Requests of a Function that has no Revision to serve them yet. */
class UnassignedQueue implements WaiterQueue {
  readonly #waiting = new WaitingList<Waiter>();

  enqueue(waiter: Waiter): void {
    waiter.queue = this;
    waiter.node = this.#waiting.append(waiter);
  }

  leave(waiter: Waiter): void {
    if (waiter.node !== undefined) {
      this.#waiting.remove(waiter.node);
      waiter.queue = waiter.node = undefined;
    }
  }

  dismissWaiting(): readonly Waiter[] {
    const waiters = this.#waiting.drain();
    for (const waiter of waiters) {
      waiter.queue = waiter.node = undefined;
    }
    return waiters;
  }
}

function without(targets: readonly RevisionTarget[], others: readonly RevisionTarget[]): readonly RevisionTarget[] {
  return targets.filter((target) => !others.some(({ revisionName }) => revisionName === target.revisionName));
}

/** By weight; undefined when nothing has any. */
function pickTarget(targets: readonly RevisionTarget[], random: () => number): RevisionTarget | undefined {
  if (targets.length <= 1) {
    return targets[0];
  }
  const total = targets.reduce((sum, { percent }) => sum + percent, 0);
  let drawn = random() * total;
  return targets.find(({ percent }) => (drawn -= percent) < 0);
}

function roleOf(revisionName: string, route: FunctionRoute | undefined): RevisionRole {
  if (route?.targets.some((target) => target.revisionName === revisionName) === true) {
    return 'serving';
  }
  if (route?.latestCreatedRevision === revisionName) {
    return 'proving';
  }
  // Without a word of what is served and what is newest, nothing can be said to be left over.
  const isKnown = route !== undefined && route.targets.length > 0 && route.latestCreatedRevision !== undefined;
  return isKnown ? 'surplus' : 'unknown';
}

function functionGone(): AppError {
  return new AppError('FunctionNotFound', 'the function was deleted');
}

function queueTimeout(maxWaitMs: number): AppError {
  return new AppError('QueueTimeout', `no replica was free within ${maxWaitMs / 1000} s`, { retryAfterSeconds: 5 });
}

/** Of a Revision whose Function is not known yet: nothing is decided with these, they only have the right form. */
const unknownSettings: FunctionSettings = {
  scaling: {
    minReplicas: 0,
    maxReplicas: 1,
    activationReplicas: 1,
    metric: 'Concurrency',
    target: 1,
    targetUtilizationPercent: 100,
    windowMs: 60_000,
    panicWindowMs: 6000,
    panicThresholdPercent: 200,
    scaleDownDelayMs: 0,
    idleTimeoutMs: 0,
  },
  queue: { maxRequests: 0, maxBytes: 0, maxWaitMs: 0 },
  timeouts: { requestMs: 0, firstByteMs: 0, idleMs: 0, drainMs: 0 },
};
