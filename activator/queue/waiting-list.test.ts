import fc from 'fast-check';
import { expect, it } from 'vitest';

import { WaitingList, type WaitingNode } from './waiting-list.ts';

it('behaves like an array from which anything can be taken', () => {
  const step = fc.oneof(
    { weight: 3, arbitrary: fc.constant('append' as const) },
    { weight: 1, arbitrary: fc.constant('prepend' as const) },
    { weight: 2, arbitrary: fc.nat({ max: 20 }) },
  );
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const list = new WaitingList<number>();
      const model: WaitingNode<number>[] = [];
      for (const [value, what] of steps.entries()) {
        if (what === 'append') {
          model.push(list.append(value));
        } else if (what === 'prepend') {
          model.unshift(list.prepend(value));
        } else {
          model.splice(what % Math.max(1, model.length), 1).forEach((node) => {
            list.remove(node);
          });
        }
        expect([list.size, list.first]).toEqual([model.length, model[0]]);
      }
      expect(list.drain()).toEqual(model.map(({ value }) => value));
      expect([list.size, list.first]).toEqual([0, undefined]);
    }),
  );
});

it('ignores a node that left already, or stands in another list', () => {
  const list = new WaitingList<string>();
  const other = new WaitingList<string>();
  const node = list.append('a');
  other.append('b');
  other.remove(node);
  list.remove(node);
  list.remove(node);
  expect([list.size, other.size]).toEqual([0, 1]);
});
