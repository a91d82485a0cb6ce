import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Pod } from '../../../lib/kube/objects.ts';
import { aPod, aPodSpec } from '../testing/builders.ts';
import { compareForDeletion, decidePods } from './decide.ts';

interface Traits {
  readonly name?: string;
  readonly node?: string;
  readonly phase?: string;
  readonly readyAt?: string;
  readonly cost?: string;
  readonly restarts?: number;
  readonly createdAt?: string;
}

function aPodLike({ name = 'p', node = 'n', phase = 'Running', readyAt, cost, restarts = 0, createdAt }: Traits): Pod {
  const pod = aPod(name, aPodSpec({}, node === '' ? {} : { nodeName: node }));
  return {
    ...pod,
    metadata: {
      ...pod.metadata,
      creationTimestamp: createdAt ?? '2026-01-01T00:00:00Z',
      ...(cost === undefined ? {} : { annotations: { 'controller.kubernetes.io/pod-deletion-cost': cost } }),
    },
    status: {
      phase,
      conditions: readyAt === undefined ? [] : [{ type: 'Ready', status: 'True', lastTransitionTime: readyAt }],
      containerStatuses: [
        { name: 'main', image: 'app', imageID: '', ready: true, restartCount: restarts, state: {}, lastState: {} },
      ],
    },
  };
}

const early = '2026-01-01T00:00:01Z';
const late = '2026-01-01T00:00:09Z';

describe('of two pods the one that goes first', () => {
  const cases: { name: string; first: Traits; second: Traits }[] = [
    { name: 'is not on a node yet', first: { node: '' }, second: { cost: '-100' } },
    { name: 'is Pending', first: { phase: 'Pending', cost: '9' }, second: { phase: 'Running' } },
    { name: 'is Unknown rather than Running', first: { phase: 'Unknown', readyAt: early }, second: {} },
    { name: 'is not Ready', first: { cost: '9' }, second: { readyAt: late } },
    { name: 'costs less to delete', first: { readyAt: early, cost: '-5' }, second: { readyAt: late } },
    {
      name: 'has been Ready for less time',
      first: { readyAt: late, restarts: 0 },
      second: { readyAt: early, restarts: 9 },
    },
    {
      name: 'was restarted more often',
      first: { readyAt: early, restarts: 3 },
      second: { readyAt: early, restarts: 1 },
    },
    { name: 'is younger', first: { createdAt: late }, second: { createdAt: early } },
    { name: 'comes first by name when all else is equal', first: { name: 'a' }, second: { name: 'b' } },
    {
      name: 'ignores a cost that is no number',
      first: { readyAt: late, cost: '1.5' },
      second: { readyAt: early, cost: '0' },
    },
  ];
  for (const { name, first, second } of cases) {
    it(name, () => {
      expect(compareForDeletion(aPodLike(first), aPodLike(second))).toBeLessThan(0);
      expect(compareForDeletion(aPodLike(second), aPodLike(first))).toBeGreaterThan(0);
    });
  }
});

describe('the number of pods', () => {
  const traits = fc.record({
    node: fc.constantFrom('', 'n'),
    phase: fc.constantFrom('Pending', 'Running', 'Unknown'),
    readyAt: fc.constantFrom(undefined, early, late),
    cost: fc.constantFrom('-1', '0', '7'),
    restarts: fc.nat(3),
  });
  const someTraits = fc.array(traits, { maxLength: 12 });

  it('becomes what is wanted, and nobody goes before one who should go first', () => {
    fc.assert(
      fc.property(someTraits, fc.nat(12), (all, wanted) => {
        const active = all.map(({ readyAt, ...rest }, index) =>
          aPodLike({ ...rest, name: `p${index}`, ...(readyAt === undefined ? {} : { readyAt }) }),
        );
        const change = decidePods(wanted, active);
        const created = change.kind === 'create' ? change.count : 0;
        const deleted = change.kind === 'delete' ? change.pods : [];
        expect(active.length + created - deleted.length).toBe(wanted);
        const kept = active.filter((pod) => !deleted.includes(pod));
        for (const victim of deleted) {
          expect(kept.every((survivor) => compareForDeletion(victim, survivor) < 0)).toBe(true);
        }
      }),
    );
  });

  it('changes by at most 500 at once', () => {
    expect(decidePods(1200, [])).toEqual({ kind: 'create', count: 500 });
  });
});
