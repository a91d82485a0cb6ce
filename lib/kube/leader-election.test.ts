import { expect, it } from 'vitest';
import { silentLogger } from '../log.ts';
import { FakeClock, settle } from '../testing/fake-clock.ts';
import type { KubeClient } from './client.ts';
import { LeaderElection, LeadershipLostError } from './leader-election.ts';
import type { Lease } from './objects.ts';
import { StatusError } from './status-error.ts';

const timing = { leaseMs: 30_000, renewDeadlineMs: 20_000, retryMs: 4000 };

/** One Lease behind optimistic locking. */
class FakeLeases {
  lease: Lease | undefined;
  #version = 0;
  /** `refuse`: every call fails. `hang`: none is ever answered. */
  mood: 'answer' | 'refuse' | 'hang' = 'answer';

  get = (_resource: unknown, _name: unknown, options?: { signal?: AbortSignal }): Promise<never> =>
    this.#answer(options?.signal, () => {
      if (this.lease === undefined) {
        throw new StatusError({ code: 404, reason: 'NotFound', message: 'no lease' });
      }
      return structuredClone(this.lease);
    });

  create = (_resource: unknown, lease: Lease, options?: { signal?: AbortSignal }): Promise<never> =>
    this.#answer(options?.signal, () => {
      if (this.lease !== undefined) {
        throw new StatusError({ code: 409, reason: 'AlreadyExists', message: 'it is there' });
      }
      return this.#store(lease);
    });

  update = (_resource: unknown, lease: Lease, options?: { signal?: AbortSignal }): Promise<never> =>
    this.#answer(options?.signal, () => {
      if (lease.metadata.resourceVersion !== this.lease?.metadata.resourceVersion) {
        throw new StatusError({ code: 409, reason: 'Conflict', message: 'changed meanwhile' });
      }
      return this.#store(lease);
    });

  #store(lease: Lease): Lease {
    this.#version += 1;
    this.lease = structuredClone({ ...lease, metadata: { ...lease.metadata, resourceVersion: String(this.#version) } });
    return this.lease;
  }

  #answer(signal: AbortSignal | undefined, answer: () => unknown): Promise<never> {
    if (this.mood === 'refuse') {
      return Promise.reject(new Error('connect ECONNREFUSED'));
    }
    if (this.mood === 'hang') {
      return new Promise((_, reject) => {
        signal?.addEventListener('abort', () => {
          reject(signal.reason as Error);
        });
      });
    }
    return Promise.resolve().then(answer) as Promise<never>;
  }
}

interface Candidate {
  readonly stop: () => Promise<void>;
  readonly ended: Promise<unknown>;
  isLeading: boolean;
}

function start(identity: string, leases: FakeLeases, clock: FakeClock): Candidate {
  const election = new LeaderElection({
    client: leases as unknown as Pick<KubeClient, 'get' | 'create' | 'update'>,
    clock,
    random: () => 0.5,
    log: silentLogger,
    namespace: 'flint-system',
    name: 'flint-operator',
    identity,
    timing,
  });
  const stop = new AbortController();
  const candidate: { -readonly [K in keyof Candidate]: Candidate[K] } = {
    isLeading: false,
    ended: Promise.resolve(),
    stop: async () => {
      stop.abort(new Error('stopped'));
      await candidate.ended;
    },
  };
  const work = async (signal: AbortSignal): Promise<void> => {
    candidate.isLeading = true;
    await new Promise<void>((resolve) => {
      signal.addEventListener('abort', () => {
        resolve();
      });
    });
    candidate.isLeading = false;
  };
  candidate.ended = election.lead(work, stop.signal).catch((error: unknown) => error);
  return candidate;
}

it('the first one leads, the second one waits as long as the first one renews', async () => {
  const [clock, leases] = [new FakeClock(), new FakeLeases()];
  const first = start('first', leases, clock);
  await settle();
  const second = start('second', leases, clock);
  await clock.advance(300_000);
  expect([first.isLeading, second.isLeading]).toEqual([true, false]);
  expect(leases.lease?.spec).toMatchObject({ holderIdentity: 'first', leaseTransitions: 0 });
});

it('a leader that stops gives the lease back, and the next one need not wait for its end', async () => {
  const [clock, leases] = [new FakeClock(), new FakeLeases()];
  const first = start('first', leases, clock);
  await settle();
  const second = start('second', leases, clock);
  await settle();
  await first.stop();
  await clock.advance(timing.retryMs * 2);
  expect(second.isLeading).toBe(true);
  expect(leases.lease?.spec).toMatchObject({ holderIdentity: 'second', leaseTransitions: 1 });
});

it('one that was killed is succeeded when its lease has run out, and not before', async () => {
  const [clock, leases] = [new FakeClock(), new FakeLeases()];
  start('first', leases, clock);
  await settle();
  // From now on nothing of the first one reaches the server: its lease stays as it is.
  const [frozen, rest] = [structuredClone(leases.lease), new FakeLeases()];
  rest.lease = frozen;
  const second = start('second', rest, clock);
  await clock.advance(timing.leaseMs - 1000);
  expect(second.isLeading).toBe(false);
  await clock.advance(1000 + timing.retryMs * 2);
  expect(second.isLeading).toBe(true);
});

it.for(['refuse', 'hang'] as const)(
  'a leader whose server does not serve it any more (%s) stops before anybody else may lead',
  async (mood) => {
    const [clock, leases] = [new FakeClock(), new FakeLeases()];
    const leader = start('first', leases, clock);
    await settle();
    leases.mood = mood;
    await clock.advance(timing.renewDeadlineMs + timing.retryMs);
    expect(leader.isLeading).toBe(false);
    expect(timing.renewDeadlineMs + timing.retryMs).toBeLessThan(timing.leaseMs);
    expect(await leader.ended).toBeInstanceOf(LeadershipLostError);
  },
);

it('the clocks of two machines may differ by hours', async () => {
  const leases = new FakeLeases();
  const here = new FakeClock();
  const there = new FakeClock(here.now() + 7_200_000);
  start('here', leases, here);
  await settle();
  const other = start('there', leases, there);
  for (let second = 0; second < 120; second++) {
    await here.advance(1000);
    await there.advance(1000);
  }
  expect(other.isLeading).toBe(false);
});

it.each([7_200_000, -7_200_000])(
  'a wall clock that jumps by %i ms ends no leadership and begins none',
  async (jumpMs) => {
    const [clock, leases] = [new FakeClock(), new FakeLeases()];
    const [leader, standby] = [start('leader', leases, clock), start('standby', leases, clock)];
    await clock.advance(10_000);
    clock.jump(jumpMs);
    for (let second = 0; second < 120; second++) {
      await clock.advance(1000);
      expect([leader.isLeading, standby.isLeading]).toEqual([true, false]);
    }
  },
);

it('whoever loses the race for a free lease waits', async () => {
  const [clock, leases] = [new FakeClock(), new FakeLeases()];
  const candidates = ['a', 'b', 'c', 'd'].map((identity) => start(identity, leases, clock));
  await clock.advance(60_000);
  expect(candidates.filter(({ isLeading }) => isLeading)).toHaveLength(1);
});
