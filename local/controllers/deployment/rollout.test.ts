import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aDeployment } from '../testing/builders.ts';
import { decideRollout, type RolloutDecision, type RolloutInput, type SetSize, strategyOf } from './rollout.ts';

const rolling = { kind: 'RollingUpdate', maxSurge: 3, maxUnavailable: 2 } as const;
const base: RolloutInput = {
  desired: 10,
  strategy: rolling,
  isPaused: false,
  newSet: undefined,
  oldSets: [],
  oldPods: 0,
};

function set(name: string, replicas: number, available = replicas): SetSize {
  return { name, replicas, available };
}

describe('the next step of a rollout', () => {
  const cases: {
    name: string;
    input: Partial<RolloutInput>;
    wantNew: number | undefined;
    wantOld: Record<string, number>;
  }[] = [
    { name: 'of a new Deployment is all replicas at once', input: {}, wantNew: 10, wantOld: {} },
    { name: 'begins with the surge', input: { oldSets: [set('old', 10)] }, wantNew: 3, wantOld: {} },
    {
      name: 'takes old pods away as far as enough stay available',
      input: { newSet: set('new', 3, 0), oldSets: [set('old', 10)] },
      wantNew: 3,
      wantOld: { old: 8 },
    },
    {
      name: 'takes away first what serves nobody',
      input: { newSet: set('new', 3, 0), oldSets: [set('older', 5), set('old', 5, 3)] },
      wantNew: 3,
      wantOld: { old: 3 },
    },
    {
      name: 'waits while the new pods are not available',
      input: { newSet: set('new', 5, 0), oldSets: [set('old', 8)] },
      wantNew: 5,
      wantOld: {},
    },
    {
      name: 'scales a finished one up at once',
      input: { desired: 12, newSet: set('new', 10) },
      wantNew: 12,
      wantOld: {},
    },
    { name: 'scales to zero at once', input: { desired: 0, newSet: set('new', 10) }, wantNew: 0, wantOld: {} },
    {
      name: 'of Recreate first ends the old pods',
      input: { strategy: { kind: 'Recreate' }, oldSets: [set('old', 10)], oldPods: 10 },
      wantNew: undefined,
      wantOld: { old: 0 },
    },
    {
      name: 'of Recreate waits until they are gone',
      input: { strategy: { kind: 'Recreate' }, oldSets: [set('old', 0)], oldPods: 1 },
      wantNew: undefined,
      wantOld: {},
    },
    {
      name: 'of Recreate then starts the new ones',
      input: { strategy: { kind: 'Recreate' }, oldSets: [set('old', 0)], oldPods: 0 },
      wantNew: 10,
      wantOld: {},
    },
    {
      name: 'of a paused one starts no new template',
      input: { isPaused: true, oldSets: [set('old', 10)] },
      wantNew: undefined,
      wantOld: {},
    },
    {
      name: 'of a paused one still scales',
      input: { isPaused: true, newSet: set('new', 10), desired: 4 },
      wantNew: 4,
      wantOld: {},
    },
  ];
  for (const { name, input, wantNew, wantOld } of cases) {
    it(name, () => {
      const { newReplicas, oldReplicas } = decideRollout({ ...base, ...input });
      expect(newReplicas).toBe(wantNew);
      expect(Object.fromEntries(oldReplicas)).toEqual(wantOld);
    });
  }
});

describe('a rollout', () => {
  const sizes = fc.record({
    desired: fc.nat(12),
    maxSurge: fc.nat(4),
    maxUnavailable: fc.nat(4),
    old: fc.array(fc.nat(6), { maxLength: 3 }),
    seed: fc.infiniteStream(fc.nat(99)),
  });

  it('ends with all replicas in the new set, never above the surge, never below the minimum by its own doing', () => {
    fc.assert(
      fc.property(sizes, ({ desired, maxSurge, maxUnavailable, old, seed }) => {
        const unavailable = maxSurge + maxUnavailable === 0 ? 1 : maxUnavailable;
        const strategy = { kind: 'RollingUpdate', maxSurge, maxUnavailable: unavailable } as const;
        let world = { newSet: set('new', 0), oldSets: old.map((replicas, index) => set(`old-${index}`, replicas)) };
        const ceiling = Math.max(desired + maxSurge, total(world.oldSets));
        for (let step = 0; step < 100; step++) {
          const floor = Math.min(desired - unavailable, available([world.newSet, ...world.oldSets]));
          world = take(world, decideRollout({ ...base, ...world, desired, strategy }));
          expect(total([world.newSet, ...world.oldSets])).toBeLessThanOrEqual(ceiling);
          expect(available([world.newSet, ...world.oldSets])).toBeGreaterThanOrEqual(floor);
          // A few of the pods that are missing become available, in no particular order.
          const [pace = 0] = seed;
          const { newSet } = world;
          world.newSet = { ...newSet, available: Math.min(newSet.replicas, newSet.available + 1 + (pace % 3)) };
        }
        expect(world.newSet).toEqual(set('new', desired));
        expect(total(world.oldSets)).toBe(0);
      }),
    );
  });
});

interface World {
  readonly newSet: SetSize;
  readonly oldSets: SetSize[];
}

function take(
  { newSet, oldSets }: World,
  { newReplicas = 0, oldReplicas }: RolloutDecision,
): { newSet: SetSize; oldSets: SetSize[] } {
  return {
    newSet: resize(newSet, newReplicas),
    oldSets: oldSets.map((one) => resize(one, oldReplicas.get(one.name) ?? one.replicas)),
  };
}

function resize(one: SetSize, replicas: number): SetSize {
  // The ReplicaSet gives up pods that are not available first.
  return { ...one, replicas, available: Math.min(one.available, replicas) };
}

function total(sets: readonly SetSize[]): number {
  return sets.reduce((sum, { replicas }) => sum + replicas, 0);
}

function available(sets: readonly SetSize[]): number {
  return sets.reduce((sum, one) => sum + one.available, 0);
}

describe('the strategy of a Deployment', () => {
  const cases = [
    {
      name: 'is a quarter more and a quarter less when it says nothing',
      rollingUpdate: undefined,
      replicas: 10,
      want: [3, 2],
    },
    {
      name: 'rounds surge up and unavailable down',
      rollingUpdate: { maxSurge: '30%', maxUnavailable: '30%' },
      replicas: 5,
      want: [2, 1],
    },
    { name: 'takes numbers as they are', rollingUpdate: { maxSurge: 0, maxUnavailable: 4 }, replicas: 5, want: [0, 4] },
    { name: 'never stands still', rollingUpdate: { maxSurge: 0, maxUnavailable: '10%' }, replicas: 5, want: [0, 1] },
  ];
  for (const { name, rollingUpdate, replicas, want } of cases) {
    it(name, () => {
      const strategy = { type: 'RollingUpdate', ...(rollingUpdate === undefined ? {} : { rollingUpdate }) };
      const [maxSurge, maxUnavailable] = want;
      expect(strategyOf(aDeployment('hello', { replicas, strategy }))).toEqual({
        kind: 'RollingUpdate',
        maxSurge,
        maxUnavailable,
      });
    });
  }

  it('is to recreate when it says so', () => {
    expect(strategyOf(aDeployment('hello', { strategy: { type: 'Recreate' } }))).toEqual({ kind: 'Recreate' });
  });
});
