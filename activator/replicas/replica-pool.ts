import type { Failure } from '../../lib/api/reasons.ts';
import type { Clock, Random } from '../../lib/clock.ts';
import { commonFailure } from '../coldstart/failure.ts';
import { chooseReplica, type ChoiceInput } from './choose.ts';
import type { PodState } from './pod-state.ts';
import type { Probe } from './probe.ts';
import { firstProbeDelayMs, startProbing } from './prober.ts';
import { Replica, stateAfter } from './replica.ts';
import { rampMs, type PlacePolicy } from './slow-start.ts';

export interface ReplicaPoolDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly probe: Probe;
  /** A replica came into rotation, or back into it: whoever waits may go. */
  readonly onPlace: () => void;
}

/** A suspicion this long after the last one starts a new row. */
const forgiveAfterMs = 10_000;
const firstSuspicionMs = 10;
const longestSuspicionMs = 1000;
/** A Pod that was to be deleted and was not: if its deletion is only late, the watch tells within this. */
const calledBackMs = 100;

/** The replicas of one Revision: which there are, which may be used, which is used next. */
export class ReplicaPool {
  readonly #deps: ReplicaPoolDeps;
  readonly #replicas = new Map<string, Replica>();
  readonly #probing = new Map<Replica, () => void>();
  #rotation: readonly Replica[] | undefined;
  #isWanted = false;

  constructor(deps: ReplicaPoolDeps) {
    this.#deps = deps;
  }

  /** Every Pod that the ReplicaSet counts. */
  get replicas(): Iterable<Replica> {
    return this.#replicas.values();
  }

  get size(): number {
    return this.#replicas.size;
  }

  /** Replicas that serve or will, without those on their way out. */
  get serving(): number {
    return this.#count((replica) => replica.isServing);
  }

  /** Why none will come up; undefined while one serves or may still. */
  get failure(): Failure | undefined {
    return this.inRotation.length > 0 ? undefined : commonFailure(this.#replicas.values());
  }

  get hasRetired(): boolean {
    return this.#count((replica) => replica.state === 'retired') > 0;
  }

  get isProbing(): boolean {
    return this.#probing.size > 0;
  }

  get inRotation(): readonly Replica[] {
    this.#rotation ??= [...this.#replicas.values()].filter((replica) => replica.isInRotation);
    return this.#rotation;
  }

  /** Takes over what the API says about a Pod. */
  apply(pod: PodState): void {
    if (pod.ending) {
      this.remove(pod.uid);
      return;
    }
    const replica = this.#replicas.get(pod.uid) ?? this.#add(pod);
    const before = replica.pod;
    replica.pod = pod;
    if (pod.endpoint !== undefined) {
      replica.addressAt ??= this.#deps.clock.monotonic();
    }
    this.#follow(replica, before);
    this.#changed();
  }

  remove(uid: string): void {
    const replica = this.#replicas.get(uid);
    if (replica !== undefined) {
      this.#replicas.delete(uid);
      this.#stopProbing(replica);
      this.#changed();
    }
  }

  /** Probes run only while somebody needs a replica. */
  setWanted(isWanted: boolean): void {
    if (this.#isWanted !== isWanted) {
      this.#isWanted = isWanted;
      this.#syncProbes();
    }
  }

  /** A replica with a free place. One that refused this request before has proven itself since, or is not among them. */
  choose(policy: PlacePolicy, avoid: ReadonlySet<string>): Replica | undefined {
    const input = this.#choiceInput(policy);
    const rotation = this.inRotation;
    if (avoid.size === 0) {
      return chooseReplica(rotation, input);
    }
    const fresh = rotation.filter((replica) => !avoid.has(replica.id));
    return chooseReplica(fresh, input) ?? chooseReplica(rotation, input);
  }

  /** The last ones are never given up: while all are under suspicion, one that has not refused this request yet. */
  chooseSuspect(policy: PlacePolicy, avoid: ReadonlySet<string>): Replica | undefined {
    if (this.inRotation.length > 0) {
      return undefined;
    }
    const suspects = [...this.#replicas.values()].filter((replica) => isLastResort(replica) && !avoid.has(replica.id));
    return chooseReplica(suspects, this.#choiceInput(policy));
  }

  /** True while a newborn's allowance grows with time alone, without any event. */
  isRamping(policy: PlacePolicy): boolean {
    const now = this.#deps.clock.monotonic();
    return policy.limit === 0 && this.inRotation.some((replica) => replica.ageMs(now) < rampMs);
  }

  /** It refused a connection: out of rotation for 10 ms, 20 ms, … up to a second, then probed until it answers. */
  suspect(replica: Replica): void {
    if (replica.state !== 'usable') {
      return;
    }
    const now = this.#deps.clock.monotonic();
    replica.suspicions = now - replica.suspectedAt > forgiveAfterMs ? 1 : replica.suspicions + 1;
    replica.suspectedAt = now;
    replica.probeFrom = now + suspicionMs(replica.suspicions);
    replica.state = 'suspect';
    this.#changed();
  }

  drain(replica: Replica): void {
    replica.drainingSince ??= this.#deps.clock.monotonic();
    this.#changed();
  }

  /** Back from draining. */
  restore(replica: Replica): void {
    if (replica.drainingSince !== undefined) {
      replica.drainingSince = undefined;
      this.#changed();
      this.#deps.onPlace();
    }
  }

  /** The scale is being lowered by this one. */
  retire(replica: Replica): void {
    replica.state = 'retired';
    replica.drainingSince = undefined;
    replica.retiredAt = this.#deps.clock.monotonic();
    replica.wasReady = replica.pod.ready;
    this.#changed();
  }

  /** The scale was not lowered after all, or another Pod went: it has to prove itself before it is used. */
  callBack(replica: Replica): void {
    if (replica.state === 'retired') {
      replica.state = replica.wasReady && !replica.pod.ready ? 'unready' : 'suspect';
      replica.suspicions = 0;
      replica.probeFrom = this.#deps.clock.monotonic() + calledBackMs;
      this.#changed();
    }
  }

  /** Stops everything that would still happen by itself. */
  close(): void {
    this.setWanted(false);
  }

  #add(pod: PodState): Replica {
    const replica = new Replica(pod);
    this.#replicas.set(pod.uid, replica);
    return replica;
  }

  #follow(replica: Replica, before: PodState): void {
    const next = stateAfter(replica.state, before, replica.pod);
    if (next === replica.state) {
      return;
    }
    if (next === 'usable') {
      this.#usable(replica);
      return;
    }
    replica.state = next;
    if (next === 'starting') {
      replica.usableAt = undefined;
    }
  }

  #usable(replica: Replica): void {
    replica.state = 'usable';
    replica.provenAtRestart = replica.pod.restarts;
    replica.usableAt ??= this.#deps.clock.monotonic();
    this.#changed();
    this.#deps.onPlace();
  }

  #choiceInput(policy: PlacePolicy): ChoiceInput {
    return { policy, now: this.#deps.clock.monotonic(), random: this.#deps.random };
  }

  #changed(): void {
    this.#rotation = undefined;
    this.#syncProbes();
  }

  #syncProbes(): void {
    for (const replica of this.#replicas.values()) {
      if (!this.#isWanted || (replica.state !== 'starting' && replica.state !== 'suspect')) {
        this.#stopProbing(replica);
      } else if (!this.#probing.has(replica)) {
        this.#startProbing(replica);
      }
    }
  }

  #startProbing(replica: Replica): void {
    const { endpoint, check } = replica.pod;
    // A suspect refused a connection, so a connection is the proof; it needs no more than that.
    const ownCheck = replica.state === 'suspect' ? ({ kind: 'connect' } as const) : check;
    if (endpoint === undefined || ownCheck.kind === 'kubelet') {
      return;
    }
    const firstDelayMs = Math.max(firstProbeDelayMs, replica.probeFrom - this.#deps.clock.monotonic());
    const target = { endpoint, check: ownCheck, firstDelayMs };
    const stop = startProbing(this.#deps, target, () => {
      this.#probing.delete(replica);
      this.#usable(replica);
    });
    this.#probing.set(replica, stop);
  }

  #stopProbing(replica: Replica): void {
    this.#probing.get(replica)?.();
    this.#probing.delete(replica);
  }

  #count(matches: (replica: Replica) => boolean): number {
    let count = 0;
    for (const replica of this.#replicas.values()) {
      count += matches(replica) ? 1 : 0;
    }
    return count;
  }
}

/** Suspected of something, and not only called back: that one may be in the middle of its deletion. */
function isLastResort(replica: Replica): boolean {
  return replica.state === 'suspect' && replica.suspicions > 0 && replica.drainingSince === undefined;
}

function suspicionMs(suspicions: number): number {
  return Math.min(firstSuspicionMs * 2 ** (suspicions - 1), longestSuspicionMs);
}
