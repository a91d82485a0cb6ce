import { expect, it } from 'vitest';
import type { Clock } from '../clock.ts';
import { silentLogger } from '../log.ts';
import { FakeClock, settle } from '../testing/fake-clock.ts';
import { StoppableClock } from '../testing/stoppable-clock.ts';
import type { KubeClient } from './client.ts';
import { LeaderElection, LeadershipLostError } from './leader-election.ts';
import type { Lease } from './objects.ts';
import { FakeLeases } from './testing/fake-leases.ts';

const timing = { leaseMs: 30_000, renewDeadlineMs: 20_000, retryMs: 4000 };

interface Candidate {
  readonly stop: () => Promise<void>;
  readonly ended: Promise<unknown>;
  isLeading: boolean;
}

function makeElection(identity: string, leases: FakeLeases, clock: Clock): LeaderElection {
  return new LeaderElection({
    client: leases as unknown as Pick<KubeClient, 'get' | 'create' | 'update'>,
    clock,
    random: () => 0.5,
    log: silentLogger,
    namespace: 'flint-system',
    name: 'flint-operator',
    identity,
  });
}

/** @param drainMs how long it takes to finish what it is at */
function start(identity: string, leases: FakeLeases, clock: Clock, drainMs = 0): Candidate {
  const election = makeElection(identity, leases, clock);
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
    if (drainMs > 0) {
      await clock.sleep(drainMs);
    }
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

it('one that was killed is succeeded within its lease, and not before it would have given up', async () => {
  const [clock, leases] = [new FakeClock(), new FakeLeases()];
  start('first', leases, clock);
  await settle();
  // From now on nothing of the first one reaches the server: its lease stays as it is.
  const [frozen, rest] = [structuredClone(leases.lease), new FakeLeases()];
  rest.lease = frozen;
  const second = start('second', rest, clock);
  await clock.advance(timing.renewDeadlineMs);
  expect(second.isLeading).toBe(false);
  await clock.advance(timing.leaseMs - timing.renewDeadlineMs);
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

it('a renewal counts from when it was asked for, however late its answer comes', async () => {
  const [clock, leases] = [new FakeClock(), new FakeLeases()];
  const { update } = leases;
  leases.update = async (...args) => {
    const answer = await update(...args);
    await clock.sleep(9000);
    return answer;
  };
  const leader = start('first', leases, clock);
  await clock.advance(timing.retryMs + 9000);
  leases.mood = 'refuse';
  // The others count from the renewal, which was asked for after the first pause.
  await clock.advance(timing.renewDeadlineMs - 9000 + timing.retryMs);
  expect(leader.isLeading).toBe(false);
  expect(await leader.ended).toBeInstanceOf(LeadershipLostError);
});

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

it('a standby leads within the lease of one that is killed between two looks', async () => {
  const [clock, leases] = [new FakeClock(), new FakeLeases()];
  const process = new StoppableClock(clock);
  const leader = start('leader', leases, process);
  await settle();
  const standby = start('standby', leases, clock);
  await clock.advance(timing.retryMs * 10);
  process.stop();
  const killedAt = clock.monotonic();
  while (!standby.isLeading) {
    await clock.advance(100);
  }
  expect(clock.monotonic() - killedAt).toBeLessThanOrEqual(timing.leaseMs);
  expect(clock.monotonic() - killedAt).toBeGreaterThan(timing.renewDeadlineMs);
  process.continue();
  expect(await leader.ended).toBeInstanceOf(LeadershipLostError);
});

it('a standby takes a lease as renewed one look before it saw that', async () => {
  const [clock, leases] = [new FakeClock(), new FakeLeases()];
  leases.lease = {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name: 'flint-operator', namespace: 'flint-system', resourceVersion: '1' },
    spec: { holderIdentity: 'gone', leaseDurationSeconds: 15 },
  };
  const standby = start('standby', leases, clock);
  await clock.advance(15_000 - timing.retryMs * 1.2 - 1);
  expect(standby.isLeading).toBe(false);
  await clock.advance(1);
  expect(standby.isLeading).toBe(true);
});

it.each([
  { name: 'and another one leads', withStandby: true },
  { name: 'although nobody else leads', withStandby: false },
])('a leader that was stopped for longer than its lease ends, $name, and does not touch the lease', async (tc) => {
  const [clock, leases] = [new FakeClock(), new FakeLeases()];
  const process = new StoppableClock(clock);
  const leader = start('leader', leases, process);
  await settle();
  const standby = tc.withStandby ? start('standby', leases, clock) : undefined;
  await clock.advance(10_000);
  process.stop();
  await clock.advance(120_000);
  expect(standby?.isLeading ?? false).toBe(tc.withStandby);
  const before = structuredClone(leases.lease);
  process.continue();
  expect(await leader.ended).toBeInstanceOf(LeadershipLostError);
  expect(leases.lease).toEqual(before);
});

it('a leader that was stopped for less than its deadline goes on', async () => {
  const [clock, leases] = [new FakeClock(), new FakeLeases()];
  const process = new StoppableClock(clock);
  const leader = start('leader', leases, process);
  await settle();
  const standby = start('standby', leases, clock);
  await clock.advance(10_000);
  process.stop();
  await clock.advance(timing.renewDeadlineMs - timing.retryMs);
  process.continue();
  await clock.advance(120_000);
  expect([leader.isLeading, standby.isLeading]).toEqual([true, false]);
});

it('a leader whose work fails keeps its lease: what it did is not known', async () => {
  const [clock, leases] = [new FakeClock(), new FakeLeases()];
  const election = makeElection('first', leases, clock);
  const failing = election.lead(() => Promise.reject(new Error('a bug')), new AbortController().signal);
  await expect(failing).rejects.toThrow('a bug');
  expect(leases.lease?.spec.holderIdentity).toBe('first');
});

it('what the lease says: who, since when, and until when others have to wait', async () => {
  const [clock, leases] = [new FakeClock(Date.UTC(2026, 0, 1)), new FakeLeases()];
  const leader = start('leader', leases, clock);
  await clock.advance(2 * timing.retryMs);
  expect(leases.lease).toMatchObject({
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { namespace: 'flint-system', name: 'flint-operator' },
    spec: {
      holderIdentity: 'leader',
      leaseDurationSeconds: 30,
      acquireTime: '2026-01-01T00:00:00.000000Z',
      renewTime: '2026-01-01T00:00:08.000000Z',
      leaseTransitions: 0,
    },
  });
  await leader.stop();
  expect(await leader.ended).toBeUndefined();
  expect(leases.lease?.spec).toMatchObject({ holderIdentity: '', leaseDurationSeconds: 1 });
});

it('a standby looks at the lease every 4 s and up to a fifth more by chance', async () => {
  const [clock, leases] = [new FakeClock(), new FakeLeases()];
  start('leader', leases, clock);
  await settle();
  const looks: number[] = [];
  const get = leases.get;
  start(
    'standby',
    Object.assign(Object.create(leases) as FakeLeases, {
      get: (...args: Parameters<typeof get>) => {
        looks.push(clock.monotonic());
        return get(...args);
      },
    }),
    clock,
  );
  await clock.advance(3 * timing.retryMs * 1.1);
  expect(looks).toEqual([0, 4400, 8800, 13_200]);
});

it('a lease that another one took meanwhile is not given back', async () => {
  const [clock, leases] = [new FakeClock(), new FakeLeases()];
  const leader = start('leader', leases, clock);
  await settle();
  const taken = { ...leases.lease?.spec, holderIdentity: 'another' };
  leases.lease = structuredClone({ ...leases.lease, spec: taken }) as Lease;
  await leader.stop();
  expect([await leader.ended, leases.lease.spec]).toEqual([undefined, taken]);
});

it.each(['refuse', 'gone'] as const)(
  'a leader that stops ends well although its lease cannot be given back (%s)',
  async (how) => {
    const [clock, leases] = [new FakeClock(), new FakeLeases()];
    const leader = start('leader', leases, clock);
    await settle();
    if (how === 'refuse') {
      leases.mood = 'refuse';
    } else {
      leases.lease = undefined;
    }
    await leader.stop();
    expect(await leader.ended).toBeUndefined();
  },
);

it.each(['refuse', 'hang'] as const)(
  'a standby whose server does not serve it (%s) waits, and ends when it is told to',
  async (mood) => {
    const [clock, leases] = [new FakeClock(), new FakeLeases()];
    leases.mood = mood;
    const standby = start('standby', leases, clock);
    await clock.advance(300_000);
    expect(standby.isLeading).toBe(false);
    await standby.stop();
    expect(await standby.ended).toBeInstanceOf(Error);
    expect(clock.pending).toBe(0);
  },
);

it.each(['refuse', 'hang'] as const)(
  'one renewal that fails (%s) does not end a leadership, and leaves no timer',
  async (mood) => {
    const [clock, leases] = [new FakeClock(), new FakeLeases()];
    const leader = start('leader', leases, clock);
    await clock.advance(10_000);
    leases.mood = mood;
    await clock.advance(timing.retryMs);
    leases.mood = 'answer';
    await clock.advance(120_000);
    expect([leader.isLeading, clock.pending]).toEqual([true, 1]);
  },
);

it('a leader that takes its time to finish what it is at gives its lease back only then', async () => {
  const [clock, leases] = [new FakeClock(), new FakeLeases()];
  const election = makeElection('first', leases, clock);
  const stop = new AbortController();
  const work = async (signal: AbortSignal): Promise<void> => {
    await clock.sleep(2 ** 31, signal).catch(() => clock.sleep(5000));
  };
  const ended = election.lead(work, stop.signal);
  await clock.advance(10_000);
  stop.abort(new Error('stopped'));
  await clock.advance(4999);
  expect(leases.lease?.spec.holderIdentity).toBe('first');
  await clock.advance(1);
  await ended;
  expect(leases.lease?.spec.holderIdentity).toBe('');
});

it('a leader that is stopped in the middle of a renewal finishes what it is at, and gives its lease back', async () => {
  const [clock, leases] = [new FakeClock(), new FakeLeases()];
  const leader = start('leader', leases, clock, 60_000);
  await settle();
  const standby = start('standby', leases, clock);
  await clock.advance(timing.retryMs - 1);
  leases.mood = 'hang';
  await clock.advance(1);
  const stopped = leader.stop();
  leases.mood = 'answer';
  await clock.advance(59_000);
  expect([leader.isLeading, standby.isLeading, leases.lease?.spec.holderIdentity]).toEqual([true, false, 'leader']);
  await clock.advance(1000);
  await stopped;
  expect(await leader.ended).toBeUndefined();
  await clock.advance(timing.retryMs * 1.2);
  expect([leader.isLeading, standby.isLeading]).toEqual([false, true]);
});

it('a renewal that reaches the server although it was cut off does not keep the lease from being given back', async () => {
  const [clock, leases] = [new FakeClock(), new FakeLeases()];
  const leader = start('leader', leases, clock);
  await settle();
  const { get } = leases;
  leases.get = async (...args) => {
    const answer = await get(...args);
    leases.get = get;
    await leases.update(undefined, answer);
    return answer;
  };
  await leader.stop();
  expect(leases.lease?.spec.holderIdentity).toBe('');
});

it('a leader whose server hangs ends all the same when it is stopped', async () => {
  const [clock, leases] = [new FakeClock(), new FakeLeases()];
  const leader = start('leader', leases, clock);
  await settle();
  leases.mood = 'hang';
  const stopped = leader.stop();
  await clock.advance(5000);
  await stopped;
  expect(await leader.ended).toBeUndefined();
  expect(clock.pending).toBe(0);
});
