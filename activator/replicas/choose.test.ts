import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { makeRandom } from '../testing/fake-world.ts';
import { aReplica } from '../testing/fake-replica.ts';
import { chooseReplica, hasPlace } from './choose.ts';
import type { Replica } from './replica.ts';
import { placesOf, weightOf } from './slow-start.ts';

const now = 100_000;

describe('chooseReplica', () => {
  it('I5: finds a place whenever there is one, and never one that is not there', () => {
    const loads = fc.array(fc.nat({ max: 4 }), { maxLength: 12 });
    fc.assert(
      fc.property(loads, fc.integer({ min: 1, max: 4 }), fc.integer(), (all, limit, seed) => {
        const replicas = all.map((inFlight) => aReplica({ inFlight, usableAt: 0 }));
        const input = { policy: { limit, target: 1 }, now, random: makeRandom(seed) };
        const chosen = chooseReplica(replicas, input);
        expect(chosen !== undefined).toBe(replicas.some((replica) => replica.inFlight < limit));
        expect(chosen === undefined || hasPlace(chosen, input)).toBe(true);
      }),
    );
  });

  it('keeps loads close together: two choices are enough', () => {
    const replicas = Array.from({ length: 20 }, () => aReplica({ usableAt: 0 }));
    const random = makeRandom(7);
    for (let count = 0; count < 2000; count++) {
      const chosen = chooseReplica(replicas, { policy: { limit: 0, target: 100 }, now, random });
      if (chosen !== undefined) {
        chosen.inFlight++;
      }
    }
    const loads = replicas.map(({ inFlight }) => inFlight);
    expect(Math.max(...loads) - Math.min(...loads)).toBeLessThanOrEqual(8);
  });

  it('gives a newborn less until it is warm', () => {
    const share = (ageMs: number): number => {
      const [newborn, old]: Replica[] = [aReplica({ usableAt: now - ageMs }), aReplica({ usableAt: 0 })];
      const random = makeRandom(3);
      for (let count = 0; count < 100; count++) {
        const chosen = chooseReplica(
          [newborn, old].filter((replica) => replica !== undefined),
          {
            policy: { limit: 0, target: 100 },
            now,
            random,
          },
        );
        if (chosen !== undefined) {
          chosen.inFlight++;
        }
      }
      return newborn?.inFlight ?? 0;
    };
    expect(share(0)).toBeLessThan(25);
    expect(share(1000)).toBeGreaterThan(share(0));
    expect(share(2000)).toBeGreaterThan(45);
  });
});

describe('slow start', () => {
  const places = [
    { name: 'a hard limit holds from the beginning', ageMs: 0, limit: 3, want: 3 },
    { name: 'a hard limit holds for ever', ageMs: 1e9, limit: 3, want: 3 },
    { name: 'a newborn gets the target', ageMs: 0, limit: 0, want: 100 },
    { name: 'twice that after 100 ms', ageMs: 100, limit: 0, want: 200 },
    { name: 'almost everything after 999 ms', ageMs: 999, limit: 0, want: 51_200 },
    { name: 'no bound after a second', ageMs: 1000, limit: 0, want: Infinity },
  ];
  for (const { name, ageMs, limit, want } of places) {
    it(name, () => {
      expect(placesOf(ageMs, { limit, target: 100 })).toBe(want);
    });
  }

  it('weighs a newborn a quarter, growing to one in two seconds', () => {
    expect([0, 1000, 2000, 9000].map(weightOf)).toEqual([0.25, 0.625, 1, 1]);
  });
});
