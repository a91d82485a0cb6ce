import type { ReplicaAddress } from '../capacity.ts';
import type { Failure } from '../../lib/api/reasons.ts';
import type { PodEndpoint, PodState } from './pod-state.ts';

/**
 * starting => usable when it answers or the kubelet calls it Ready.
 * usable => suspect when it refused a connection; suspect => usable when it answers.
 * usable | suspect => unready when the kubelet withdrew Ready; => starting when its container died.
 * unready => usable when it is Ready again.
 * any => retired when the scale was lowered in the belief that this Pod goes; => suspect when it did not, or unready.
 * A Pod that is being deleted is no replica any more.
 */
export type ReplicaState = 'starting' | 'usable' | 'suspect' | 'unready' | 'retired';

/** What a Pod event makes of a replica's state. */
export function stateAfter(state: ReplicaState, before: PodState, pod: PodState): ReplicaState {
  if (state === 'retired') {
    return state;
  }
  const hasDied = pod.crashed || pod.restarts > before.restarts;
  const current = hasDied ? 'starting' : state;
  if (current === 'starting' || current === 'unready') {
    return isServing(pod) ? 'usable' : current;
  }
  return before.ready && !pod.ready ? 'unready' : current;
}

/** As far as the kubelet can tell. */
function isServing(pod: PodState): boolean {
  return pod.ready && !pod.crashed && pod.endpoint !== undefined;
}

/** One Pod as a place for requests. Only its {@link ReplicaPool} changes it. */
export class Replica {
  pod: PodState;
  state: ReplicaState = 'starting';
  inFlight = 0;
  /** When the Pod got its address, and when it first answered; clock.monotonic. */
  addressAt: number | undefined;
  usableAt: number | undefined;
  /** `pod.restarts` when it was last usable: this container has proven that it can start. */
  provenAtRestart: number | undefined;
  /** Takes no new request because it shall go; it still may be called back. */
  drainingSince: number | undefined;
  /** A drain that did not come to an end is not tried again before this. */
  spareUntil = -Infinity;
  retiredAt = -Infinity;
  /** The kubelet called it Ready when it was retired. */
  wasReady = false;
  suspectedAt = -Infinity;
  /** Not asked whether it answers before this. */
  probeFrom = -Infinity;
  /** Suspicions in a row. */
  suspicions = 0;

  #address: ReplicaAddress | undefined;

  constructor(pod: PodState) {
    this.pod = pod;
  }

  get id(): string {
    return this.pod.uid;
  }

  /** Belongs to what the function has; draining and retired ones are on their way out. */
  get isServing(): boolean {
    return this.drainingSince === undefined && this.state !== 'retired';
  }

  get isInRotation(): boolean {
    return this.state === 'usable' && this.drainingSince === undefined;
  }

  /**
   * Why it will not serve. A container that has served and died is started again at once, so that is worth waiting for;
   * one that dies before it serves, or that the kubelet holds back, is not.
   */
  get failure(): Failure | undefined {
    const comesBack = this.pod.crashed && !this.pod.backingOff && this.provenAtRestart === this.pod.restarts;
    return comesBack ? undefined : this.pod.failure;
  }

  ageMs(now: number): number {
    return now - (this.usableAt ?? now);
  }

  /** @param endpoint the Pod's, which a replica in rotation always has. */
  address(endpoint: PodEndpoint, protocol: ReplicaAddress['protocol']): ReplicaAddress {
    const known = this.#address;
    if (known?.host === endpoint.host && known.port === endpoint.port && known.protocol === protocol) {
      return known;
    }
    this.#address = { id: this.id, host: endpoint.host, port: endpoint.port, protocol };
    return this.#address;
  }
}
