import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { StatusError } from '../lib/kube/status-error.ts';
import { aRoute, aTarget } from './testing/fake-function.ts';
import { type FakeCall, type FakeWorld, leased, makeWorld } from './testing/fake-world.ts';

type Act = 'call' | 'leave' | 'release' | 'refuse' | 'crash' | 'burst' | 'calm' | 'wait' | 'break' | 'mend' | 'rollOut';

interface Step {
  readonly act: Act;
  /** Which one, how many, or how many milliseconds. */
  readonly n: number;
}

function sometimes(weight: number, max: number, ...some: Act[]): fc.WeightedArbitrary<Step> {
  return { weight, arbitrary: fc.record({ act: fc.constantFrom(...some), n: fc.nat({ max }) }) };
}

const anyStep = fc.oneof(
  sometimes(8, 0, 'call'),
  sometimes(5, 30, 'release'),
  sometimes(2, 30, 'leave', 'refuse'),
  sometimes(3, 8, 'burst', 'calm'),
  sometimes(5, 200, 'wait'),
  sometimes(3, 9000, 'wait'),
  sometimes(1, 30, 'crash'),
  sometimes(1, 0, 'break', 'mend', 'rollOut'),
);

/** One function in a world where anything happens at any time, and what must hold whatever does. */
class Story {
  readonly world: FakeWorld;
  readonly limit: number;
  readonly calls: FakeCall[] = [];
  readonly over = new Set<FakeCall>();
  /** Pods about which there may be a suspicion. */
  readonly tainted = new Set<string | undefined>();
  /** Requests that ran on a Pod when it was removed. */
  readonly cut: FakeCall[] = [];
  generation = 1;

  constructor(limit: number) {
    this.world = makeWorld({ writeMs: 7, scheduleMs: 20, startMs: 60, kubeletLagMs: 500 });
    this.limit = limit;
    this.world.cluster.onVictim = ({ pod }) => {
      this.cut.push(...this.running.filter(({ replicaId }) => replicaId === pod.metadata.uid));
    };
    this.apply();
  }

  get running(): readonly FakeCall[] {
    return leased(this.calls).filter((call) => !this.over.has(call));
  }

  get waiting(): readonly FakeCall[] {
    return this.calls.filter(({ lease, error }) => lease === undefined && error === undefined);
  }

  apply(): void {
    const revision = `hello-${this.generation}`;
    this.world.apply({
      targets: [aTarget(revision, { concurrencyLimit: this.limit })],
      latestCreatedRevision: revision,
      scaling: { target: 2, maxReplicas: 4, windowMs: 6000, panicWindowMs: 2000, idleTimeoutMs: 3000 },
      drainMs: 2000,
    });
  }

  async take({ act, n }: Step): Promise<void> {
    if (act === 'wait') {
      await this.world.clock.advance(n);
    } else {
      this.#acts[act](n);
    }
    await this.world.clock.advance(0);
  }

  readonly #acts: Readonly<Record<Exclude<Act, 'wait'>, (n: number) => void>> = {
    call: () => this.calls.push(this.world.call(aRoute())),
    burst: (count) => this.calls.push(...this.world.calls(aRoute(), count)),
    leave: (index) => {
      oneOf(this.waiting, index)?.leave();
    },
    release: (index) => {
      this.#end(oneOf(this.running, index));
    },
    calm: (count) => {
      for (const call of this.running.slice(0, count)) {
        this.#end(call);
      }
    },
    refuse: (index) => {
      const call = oneOf(this.running, index);
      if (call !== undefined) {
        this.over.add(call);
        this.tainted.add(call.replicaId);
        call.refuse();
      }
    },
    crash: (index) => {
      const pod = oneOf(this.world.cluster.podsOf(`hello-${this.generation}`), index);
      if (pod !== undefined) {
        this.tainted.add(pod.pod.metadata.uid);
        this.world.cluster.crash(pod);
      }
    },
    break: () => {
      const error = new StatusError({ code: 503, reason: 'ServiceUnavailable', message: 'not now' });
      this.world.cluster.fault = () => error;
    },
    mend: () => {
      this.world.cluster.fault = () => undefined;
    },
    rollOut: () => {
      this.generation++;
      this.apply();
    },
  };

  #end(call: FakeCall | undefined): void {
    if (call !== undefined) {
      this.over.add(call);
      call.release();
    }
  }

  check(): void {
    const inFlight = Map.groupBy(this.running, ({ replicaId }) => replicaId);
    for (const calls of inFlight.values()) {
      expect(calls.length, 'I5').toBeLessThanOrEqual(this.limit);
    }
    expect(this.cut, 'I10').toEqual([]);
    expect(this.world.capacity.stats.waitingRequests, 'nobody is lost or counted twice').toBe(this.waiting.length);
    expect(this.world.capacity.stats.waitingBytes).toBe(this.waiting.length * 100);
    if (this.waiting.length > 0 && this.#isSettled()) {
      for (const { pod } of this.#soundPods()) {
        const used = inFlight.get(pod.metadata.uid)?.length ?? 0;
        expect(used, 'nobody waits while a replica has a place').toBe(this.limit);
      }
    }
  }

  /** Replicas that a failed write would have taken away are asked first whether they are still there. */
  #isSettled(): boolean {
    const { cluster, clock } = this.world;
    const waitingSince = Math.min(...this.waiting.map(({ at }) => at));
    return (
      cluster.writing === 0 &&
      (cluster.failedAt < 0 || clock.monotonic() - Math.max(cluster.failedAt, waitingSince) > 150)
    );
  }

  /** Of the serving revision, Ready and never suspected. */
  #soundPods(): FakeWorld['cluster']['pods'] {
    return this.world.cluster
      .podsOf(`hello-${this.generation}`)
      .filter(({ pod }) => !this.tainted.has(pod.metadata.uid))
      .filter(({ pod }) => pod.status?.conditions?.[0]?.status === 'True');
  }

  /** The API works, everybody who runs ends, everybody else is served. */
  async finish(): Promise<void> {
    this.world.cluster.fault = () => undefined;
    for (let turn = 0; turn < 60 && this.running.length + this.waiting.length > 0; turn++) {
      for (const call of this.running) {
        this.#end(call);
      }
      await this.world.clock.advance(1000);
      this.check();
    }
    await this.world.clock.advance(60_000);
  }
}

function oneOf<T>(all: readonly T[], index: number): T | undefined {
  return all[index % Math.max(1, all.length)];
}

describe('whatever happens', () => {
  it('I5, I10: limits hold, nobody is lost, nobody waits while a replica has a place, and all comes to rest', async () => {
    const property = fc.asyncProperty(
      fc.integer({ min: 1, max: 3 }),
      fc.array(anyStep, { minLength: 20, maxLength: 100, size: 'max' }),
      async (limit, steps) => {
        const story = new Story(limit);
        for (const step of steps) {
          await story.take(step);
          story.check();
        }
        await story.finish();
        const { clock, cluster, capacity } = story.world;
        expect(capacity.stats).toMatchObject({ waitingRequests: 0, waitingBytes: 0, activeRevisions: 0 });
        expect(cluster.pods).toEqual([]);
        expect(clock.pending, 'I7').toBe(0);
        const writes = cluster.writes.length;
        await clock.advance(600_000);
        expect(cluster.writes.length, 'I1').toBe(writes);
      },
    );
    await fc.assert(property, { numRuns: 200 });
  }, 60_000);
});
