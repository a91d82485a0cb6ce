import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { makeOwnership, ownerOf, soleOwner } from './owner.ts';

const members = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 20 }), { minLength: 1, maxLength: 8 });
const key = fc.string({ maxLength: 60 });

describe('ownerOf', () => {
  it('is one of the members, the same for everybody, in whatever order they are known', () => {
    fc.assert(
      fc.property(members, key, (all, name) => {
        const owner = ownerOf(name, all);
        expect(all).toContain(owner);
        expect(ownerOf(name, [...all].reverse())).toBe(owner);
        expect(all.filter((self) => makeOwnership(self, all).owns(name))).toEqual([owner]);
      }),
    );
  });

  it('moves a key only to a member that comes, or from one that goes', () => {
    fc.assert(
      fc.property(members, fc.string({ minLength: 21, maxLength: 25 }), key, (all, newcomer, name) => {
        const before = ownerOf(name, all);
        expect([before, newcomer]).toContain(ownerOf(name, [...all, newcomer]));
      }),
    );
  });

  it('spreads keys evenly over activators with names like those of pods', () => {
    const pods = [
      'flint-activator-7d9f8b6c5-x2x4q',
      'flint-activator-7d9f8b6c5-zl8wk',
      'flint-activator-7d9f8b6c5-99nbv',
    ];
    const counts = new Map(pods.map((pod) => [pod, 0]));
    for (let index = 0; index < 9000; index++) {
      const owner = ownerOf(`shop/function-${index}-3f2a91c04b`, pods) ?? '';
      counts.set(owner, (counts.get(owner) ?? 0) + 1);
    }
    for (const count of counts.values()) {
      expect(Math.abs(count - 3000)).toBeLessThan(300);
    }
  });

  it('has no answer without members', () => {
    expect(ownerOf('shop/hello-1', [])).toBeUndefined();
  });
});

it('a sole activator owns everything', () => {
  expect(soleOwner.owns('shop/hello-1')).toBe(true);
  expect(makeOwnership('self', ['self']).owns('shop/hello-1')).toBe(true);
});
