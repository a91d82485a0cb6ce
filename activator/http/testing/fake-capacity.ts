import type { Capacity, CapacityRequest, ColdStartPhases, Lease, ReplicaAddress } from '../../capacity.ts';
import type { FunctionRoute } from '../../routing/route.ts';

/** A lease that was handed out, and what became of it. */
export interface FakeLease {
  readonly replica: ReplicaAddress;
  state: 'held' | 'released' | 'failed';
  error?: unknown;
}

/** Hands out its replicas in turn, except those that a request avoids; holds requests back while it has none. */
export class FakeCapacity implements Capacity {
  readonly replicas: ReplicaAddress[] = [];
  readonly leases: FakeLease[] = [];
  readonly requests: CapacityRequest[] = [];
  coldStart: ColdStartPhases | undefined;
  /** Thrown at whoever comes. */
  error: Error | undefined;
  #next = 0;
  #onReplica = Promise.withResolvers<undefined>();

  add(port: number, id = `replica-${port}`): void {
    this.replicas.push({ id, host: '127.0.0.1', port, protocol: 'Http1' });
    this.#onReplica.resolve(undefined);
    this.#onReplica = Promise.withResolvers();
  }

  get held(): number {
    return this.leases.filter(({ state }) => state === 'held').length;
  }

  async acquire(_route: FunctionRoute, request: CapacityRequest): Promise<Lease> {
    this.requests.push(request);
    if (this.error !== undefined) {
      throw this.error;
    }
    const aborted = Promise.withResolvers<undefined>();
    request.signal.addEventListener('abort', () => {
      aborted.resolve(undefined);
    });
    for (;;) {
      request.signal.throwIfAborted();
      const free = this.replicas.filter(({ id }) => !request.avoid.has(id));
      const replica = free[this.#next++ % Math.max(1, free.length)];
      if (replica !== undefined) {
        return this.#lease(replica);
      }
      await Promise.race([aborted.promise, this.#onReplica.promise]);
    }
  }

  #lease(replica: ReplicaAddress): Lease {
    const lease: FakeLease = { replica, state: 'held' };
    this.leases.push(lease);
    const end = (state: FakeLease['state'], error?: unknown): void => {
      if (lease.state === 'held') {
        lease.state = state;
        lease.error = error;
      }
    };
    return {
      replica,
      revisionName: 'hello-1',
      coldStart: this.coldStart,
      release: () => {
        end('released');
      },
      fail: (error) => {
        end('failed', error);
      },
    };
  }
}
