import { silentLogger } from '../../lib/log.ts';
import { FakeClock } from '../../lib/testing/fake-clock.ts';
import { type CapacityDeps, CapacityRegistry } from '../capacity-registry.ts';
import type { CapacityRequest, Lease } from '../capacity.ts';
import { soleOwner } from '../peers/owner.ts';
import type { FunctionRoute } from '../routing/route.ts';
import { AppError } from '../errors.ts';
import { FakeCluster, type FakeClusterTimes, type FakePod } from './fake-cluster.ts';
import { aRoute, type RouteFields } from './fake-function.ts';

/** A request that was made, and what came of it so far. */
export class FakeCall {
  readonly client = new AbortController();
  /** When it came; clock.monotonic. */
  readonly at: number;
  lease: Lease | undefined;
  error: unknown;

  constructor(at: number) {
    this.at = at;
  }

  get replicaId(): string | undefined {
    return this.lease?.replica.id;
  }

  leave(): void {
    this.client.abort(new Error('client left'));
  }

  /** Its answer is complete; nothing when it has no replica. */
  release(): void {
    this.lease?.release();
  }

  /** Nobody listened where it was sent. */
  refuse(): void {
    this.lease?.fail(Object.assign(new Error('connect ECONNREFUSED 10.0.0.1'), { code: 'ECONNREFUSED' }));
  }
}

export class FakeWorld {
  readonly clock: FakeClock;
  readonly cluster: FakeCluster;
  readonly capacity: CapacityRegistry;

  constructor(clock: FakeClock, cluster: FakeCluster, capacity: CapacityRegistry) {
    this.clock = clock;
    this.cluster = cluster;
    this.capacity = capacity;
  }

  /** Makes the route known and returns it. */
  apply(fields: RouteFields = {}): FunctionRoute {
    const route = aRoute(fields);
    this.capacity.onRoute(route);
    return route;
  }

  call(route: FunctionRoute, request: Partial<CapacityRequest> = {}): FakeCall {
    const arrivedAt = this.clock.monotonic();
    const call = new FakeCall(arrivedAt);
    const full = { arrivedAt, bytes: 100, signal: call.client.signal, avoid: new Set<string>(), ...request };
    this.capacity.acquire(route, full).then(
      (lease) => {
        call.lease = lease;
      },
      (error: unknown) => {
        call.error = error;
      },
    );
    return call;
  }

  calls(route: FunctionRoute, count: number): FakeCall[] {
    return Array.from({ length: count }, () => this.call(route));
  }

  /** Calls once and waits until the replica is Ready and idle. */
  async warm(route: FunctionRoute): Promise<void> {
    const first = this.call(route);
    await this.clock.advance(2000);
    first.release();
    await this.clock.advance(0);
  }

  /** The numbers of replicas that were written, in order. */
  get scales(): (number | undefined)[] {
    return this.cluster.writes.filter(({ kind }) => kind === 'scale').map(({ replicas }) => replicas);
  }

  /** The Pod of a call's replica. */
  podOf(call: FakeCall | undefined): FakePod {
    const found = this.cluster.pods.find(({ pod }) => pod.metadata.uid === call?.replicaId);
    if (found === undefined) {
      throw new Error('the call has no replica');
    }
    return found;
  }

  /** Moves on until a write is under way. */
  async untilWriting(): Promise<void> {
    while (this.cluster.writing === 0) {
      await this.clock.advance(10);
    }
  }
}

/** Mulberry32: a seeded {@link Random}, so that a failing run repeats itself. */
export function makeRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The back half of an activator over a cluster that may be shared; it knows nothing yet. */
export function makeActivator(
  clock: FakeClock,
  cluster: FakeCluster,
  overrides: Partial<CapacityDeps> = {},
): FakeWorld {
  const capacity = new CapacityRegistry({
    clock,
    random: makeRandom(1),
    log: silentLogger,
    client: cluster,
    probe: cluster.probe,
    failureOf: cluster.failureOf,
    ownership: soleOwner,
    queue: { maxRequests: 10_000, maxBytes: 2 ** 30 },
    maxScaleWrites: 16,
    onColdStart: () => undefined,
    ...overrides,
  });
  return new FakeWorld(clock, cluster, capacity);
}

/** An activator alone with its cluster, with all Pods known: there are none. */
export function makeWorld(times: Partial<FakeClusterTimes> = {}, overrides: Partial<CapacityDeps> = {}): FakeWorld {
  const clock = new FakeClock();
  const cluster = new FakeCluster(clock, times);
  const world = makeActivator(clock, cluster, overrides);
  cluster.connect(world.capacity);
  world.capacity.podsSynced();
  return world;
}

export function leased(calls: readonly FakeCall[]): FakeCall[] {
  return calls.filter(({ lease }) => lease !== undefined);
}

/** The platform's answer, if it was one. */
export function codeOf(call: FakeCall): string | undefined {
  return call.error instanceof AppError ? call.error.code : undefined;
}
