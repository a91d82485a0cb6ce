import type { FunctionRoute } from './routing/route.ts';

/** Where a replica listens. `id` is the Pod's uid. */
export interface ReplicaAddress {
  readonly id: string;
  readonly host: string;
  readonly port: number;
  readonly protocol: 'Http1' | 'H2c';
}

/** What a request went through before its replica answered, in milliseconds. */
export interface ColdStartPhases {
  /** Arrival until the wake was decided, or until this request's turn came. */
  readonly queue: number;
  /** Scale written until the Pod had an address. */
  readonly schedule: number;
  /** Address known until the replica accepted a connection. */
  readonly start: number;
}

/** A request that had waited for a replica to start got its place there. */
export interface ColdStart {
  readonly revisionName: string;
  readonly phases: ColdStartPhases;
  /** The first one of its wake from zero; not so for who came while replicas were on their way for another reason. */
  readonly isFirst: boolean;
}

/** The right to send one request to one replica. Exactly one of `release` and `fail` is called; later calls do nothing. */
export interface Lease {
  readonly replica: ReplicaAddress;
  readonly revisionName: string;
  /** Present when the request waited for this replica to start. */
  readonly coldStart: ColdStartPhases | undefined;
  /** The exchange ended, in whatever way. */
  release(): void;
  /** No connection came about and nothing was sent: gives the place back and looks at the replica's health. */
  fail(error: unknown): void;
}

export interface CapacityRequest {
  /** Milliseconds of `Clock.monotonic` at arrival: how long it may still wait counts from there. */
  readonly arrivedAt: number;
  /** Bytes the waiting request holds in memory: its head, and what was read of its body. */
  readonly bytes: number;
  /** Aborts when the client is seen to leave; its place in the queue is free at once. */
  readonly signal: AbortSignal;
  /** Replicas that already refused this request. */
  readonly avoid: ReadonlySet<string>;
}

/** Declared for the HTTP chain: everything between a routed request and a replica. */
export interface Capacity {
  /**
   * Waits for a place on a replica, waking the function when it has none.
   * @throws AppError QueueFull, QueueTimeout, ColdStartFailed, Overloaded or ShuttingDown; the signal's reason once aborted.
   */
  acquire(route: FunctionRoute, request: CapacityRequest): Promise<Lease>;
}
