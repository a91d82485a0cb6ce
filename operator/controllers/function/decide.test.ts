import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Revision } from '../../../lib/api/revision.ts';
import { aFunction, aReadyRevision, aRevision } from '../../testing/builders.ts';
import { decideSurplus, decideTraffic, type Situation } from './decide.ts';

const born = (minute: number): { creationTimestamp: string } => ({
  creationTimestamp: new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString(),
});

interface Scene {
  readonly revisions: readonly Revision[];
  /** Name of the latest; undefined while there is none. */
  readonly latest?: string;
  /** Name of the one that served before. */
  readonly served?: string;
  readonly limit?: number;
}

function situationOf({ revisions, latest, served, limit }: Scene): Situation {
  const traffic = served === undefined ? [] : [{ revisionName: served, percent: 100 }];
  return {
    fn: aFunction(limit === undefined ? {} : { revisionHistoryLimit: limit }, { traffic }),
    revisions,
    latest: revisions.find(({ metadata }) => metadata.name === latest),
    missing: undefined,
    unrouted: undefined,
  };
}

describe('traffic', () => {
  const cases: readonly (Scene & { name: string; want: string | undefined })[] = [
    { name: 'goes nowhere while nothing was ever ready', revisions: [aRevision('a')], latest: 'a', want: undefined },
    { name: 'goes to the latest when it is ready', revisions: [aReadyRevision('a')], latest: 'a', want: 'a' },
    {
      name: 'stays where it is until the latest is ready',
      revisions: [aReadyRevision('a'), aRevision('b')],
      latest: 'b',
      served: 'a',
      want: 'a',
    },
    {
      name: 'stays where it is while there can be no latest',
      revisions: [aReadyRevision('a', born(1)), aReadyRevision('b', born(2))],
      served: 'a',
      want: 'a',
    },
    {
      name: 'goes back at once to an old Revision that is the latest again',
      revisions: [aReadyRevision('a', born(1)), aReadyRevision('b', born(2))],
      latest: 'a',
      served: 'b',
      want: 'a',
    },
    {
      name: 'goes to the newest that was ready when the one that had it is gone',
      revisions: [aReadyRevision('a', born(1)), aReadyRevision('b', born(2)), aRevision('d', born(4))],
      latest: 'd',
      served: 'c',
      want: 'b',
    },
    {
      name: 'goes to the newest by age, not by name',
      revisions: [aReadyRevision('a', born(2)), aReadyRevision('b', born(1))],
      want: 'a',
    },
    {
      name: 'goes to the last by name of those born in the same second',
      revisions: [aReadyRevision('b', born(1)), aReadyRevision('c', born(1)), aReadyRevision('a', born(1))],
      want: 'c',
    },
    {
      name: 'goes to one of a known age rather than to one of none',
      revisions: [aReadyRevision('a', born(1)), aReadyRevision('b')],
      want: 'a',
    },
  ];
  it('goes somewhere although the function has no status yet', () => {
    const situation = { ...situationOf({ revisions: [aReadyRevision('a')], latest: 'a' }), fn: aFunction() };
    expect(decideTraffic(situation).latestReadyRevision).toBe('a');
  });

  it.each(cases)('$name', ({ want, ...scene }) => {
    expect(decideTraffic(situationOf(scene))).toEqual({
      traffic: want === undefined ? [] : [{ revisionName: want, percent: 100 }],
      latestReadyRevision: want,
    });
  });
});

describe('what is removed', () => {
  const history = ['a', 'b', 'c', 'd'].map((name, index) => aReadyRevision(name, born(index)));
  const cases: readonly (Scene & { name: string; want: readonly string[] })[] = [
    { name: 'is nothing within the limit', revisions: history, latest: 'd', served: 'd', limit: 3, want: [] },
    { name: 'is the oldest beyond it', revisions: history, latest: 'd', served: 'd', limit: 1, want: ['a', 'b'] },
    { name: 'is counted by age, not by order', revisions: history.toReversed(), latest: 'd', limit: 2, want: ['a'] },
    {
      name: 'is never what serves, however old',
      revisions: [...history, aRevision('e', born(9))],
      latest: 'e',
      served: 'a',
      limit: 1,
      want: ['b', 'c'],
    },
    {
      name: 'is what never ran and was superseded',
      revisions: [aReadyRevision('a', born(1)), aRevision('b', born(2)), aRevision('c', born(3))],
      latest: 'c',
      served: 'a',
      want: ['b'],
    },
    {
      name: 'is what failed and was superseded, also by an older one',
      revisions: [aReadyRevision('a', born(1)), aRevision('b', { ready: { status: 'False' }, ...born(2) })],
      latest: 'a',
      served: 'a',
      want: ['b'],
    },
    {
      name: 'is nothing while it is not known which is the latest',
      revisions: [...history, aRevision('e')],
      served: 'd',
      limit: 1,
      want: [],
    },
    {
      name: 'is the oldest by age, not by name',
      revisions: [aReadyRevision('a', born(3)), aReadyRevision('b', born(2)), aReadyRevision('c', born(1))],
      latest: 'a',
      limit: 1,
      want: ['c'],
    },
    {
      name: 'is told oldest first, and by name within a second',
      revisions: [
        aReadyRevision('d', born(9)),
        aRevision('c', born(2)),
        aRevision('b', born(2)),
        aRevision('a', born(3)),
      ],
      latest: 'd',
      want: ['b', 'c', 'a'],
    },
    {
      name: 'is not what goes already, nor does that count as history',
      revisions: [...history, aReadyRevision('gone', { ...born(0), deletionTimestamp: '2026-01-01T01:00:00Z' })],
      latest: 'd',
      limit: 3,
      want: [],
    },
    {
      name: 'counts no history that never ran',
      revisions: [...history, aRevision('e', born(5)), aRevision('f', born(6))],
      latest: 'd',
      limit: 3,
      want: ['e', 'f'],
    },
    {
      name: 'is the oldest beyond the ten of the default',
      revisions: Array.from({ length: 12 }, (_, index) => aReadyRevision(`r${index}`, born(index))),
      latest: 'r11',
      want: ['r0'],
    },
  ];
  it('is nothing that a decision sends requests to, whoever made it', () => {
    const situation = situationOf({ revisions: history, latest: 'd', limit: 1 });
    const decision = { traffic: [{ revisionName: 'a', percent: 100 }], latestReadyRevision: 'b' };
    expect(decideSurplus(situation, decision)).toEqual([]);
  });

  it.each(cases)('$name', ({ want, ...scene }) => {
    const situation = situationOf(scene);
    expect(decideSurplus(situation, decideTraffic(situation)).map(({ metadata }) => metadata.name)).toEqual(want);
  });

  it('leaves the latest, all that traffic names, and as much history as the limit says, whatever there is', () => {
    const scenes = fc
      .record({
        ready: fc.array(fc.boolean(), { minLength: 1, maxLength: 8 }),
        latest: fc.nat(7),
        served: fc.nat(7),
        limit: fc.integer({ min: 1, max: 4 }),
      })
      .map(({ ready, latest, served, limit }) => ({
        revisions: ready.map((isReady, index) => (isReady ? aReadyRevision : aRevision)(`r${index}`, born(index))),
        latest: `r${latest % ready.length}`,
        served: `r${served}`,
        limit,
      }));
    fc.assert(
      fc.property(scenes, (scene) => {
        const situation = situationOf(scene);
        const decision = decideTraffic(situation);
        const gone = decideSurplus(situation, decision).map(({ metadata }) => metadata.name);
        const left = scene.revisions.filter(({ metadata }) => !gone.includes(metadata.name));
        const names = left.map(({ metadata }) => metadata.name);
        const named = [scene.latest, ...decision.traffic.map(({ revisionName }) => revisionName)];
        expect(names).toEqual(expect.arrayContaining(named));
        expect(names.filter((name) => !named.includes(name)).length).toBeLessThanOrEqual(scene.limit);
        expect(new Set(gone).size).toBe(gone.length);
      }),
    );
  });
});
