import fc from 'fast-check';
import { expect, it } from 'vitest';

import { AppError } from '../errors.ts';
import { admit, leave, QueueUse } from './queue-bounds.ts';

const ownBounds = { maxRequests: 3, maxBytes: 1000 };
const allBounds = { maxRequests: 5, maxBytes: 2000 };

function codeOf(act: () => void): string | undefined {
  try {
    act();
    return undefined;
  } catch (error) {
    return error instanceof AppError ? error.code : 'unexpected';
  }
}

it('I9: never lets more in than the bounds, and a refusal takes nothing', () => {
  const step = fc.record({ who: fc.nat({ max: 2 }), bytes: fc.nat({ max: 600 }), leaves: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const all = new QueueUse();
      const functions = [0, 1, 2].map(() => ({ own: new QueueUse(), inside: [] as number[] }));
      for (const { who, bytes, leaves } of steps) {
        const fn = functions[who] ?? { own: new QueueUse(), inside: [] };
        const gone = leaves ? fn.inside.shift() : undefined;
        if (gone !== undefined) {
          leave(gone, { own: fn.own, all });
        } else if (
          codeOf(() => {
            admit(bytes, { own: fn.own, ownBounds, all, allBounds });
          }) === undefined
        ) {
          fn.inside.push(bytes);
        }
        const sum = fn.inside.reduce((total, one) => total + one, 0);
        expect([fn.own.requests, fn.own.bytes]).toEqual([fn.inside.length, sum]);
        expect(sum).toBeLessThanOrEqual(ownBounds.maxBytes);
        expect(fn.inside.length).toBeLessThanOrEqual(ownBounds.maxRequests);
        const inside = functions.flatMap((one) => one.inside);
        expect([all.requests, all.bytes]).toEqual([inside.length, inside.reduce((total, one) => total + one, 0)]);
        expect(inside.length).toBeLessThanOrEqual(allBounds.maxRequests);
        expect(all.bytes).toBeLessThanOrEqual(allBounds.maxBytes);
      }
    }),
  );
});

it('tells the bound that the function itself can change first', () => {
  const own = new QueueUse();
  const full = { maxRequests: 0, maxBytes: 0 };
  const all = new QueueUse();
  expect(
    codeOf(() => {
      admit(1, { own, ownBounds: full, all, allBounds: full });
    }),
  ).toBe('QueueFull');
  expect(
    codeOf(() => {
      admit(1, { own, ownBounds, all, allBounds: full });
    }),
  ).toBe('Overloaded');
});
