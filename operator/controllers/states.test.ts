import { describe, expect, it } from 'vitest';
import { states } from './states.ts';

describe('a live object has all that is stated', () => {
  const cases = [
    { name: 'when it is the same', live: { a: [1, { b: 'x' }] }, desired: { a: [1, { b: 'x' }] } },
    { name: 'when the server filled in more', live: { a: 1, b: { c: 2 } }, desired: { b: {} } },
    { name: 'when what is not stated is there', live: { a: 1 }, desired: { a: 1, b: undefined } },
    { name: 'when the server left out what is empty', live: {}, desired: { env: [], labels: {}, value: '' } },
    { name: 'when the server wrote a quantity in its own way', live: { cpu: '500m' }, desired: { cpu: '0.5' } },
    { name: 'when it wrote a number as one', live: { memory: '1Gi' }, desired: { memory: 1_073_741_824 } },
    { name: 'when false is how absent reads', live: { mountPath: '/' }, desired: { mountPath: '/', readOnly: false } },
  ];
  it.each(cases)('$name', ({ live, desired }) => {
    expect(states(live, desired)).toBe(true);
  });
});

describe('something is missing', () => {
  const cases = [
    { name: 'when a value differs', live: { a: 'x' }, desired: { a: 'y' } },
    { name: 'when a field is not there', live: {}, desired: { a: 1 } },
    { name: 'when a list is longer', live: { a: [1, 2] }, desired: { a: [1] } },
    { name: 'when a list has another order', live: { env: ['A', 'B'] }, desired: { env: ['B', 'A'] } },
    { name: 'when an object stands where a value was', live: { a: {} }, desired: { a: 'x' } },
    { name: 'when a value stands where an object was', live: { a: 'x' }, desired: { a: { b: 1 } } },
    { name: 'when null stands where an object was', live: { a: null }, desired: { a: { b: 1 } } },
    { name: 'when a quantity is another', live: { cpu: '501m' }, desired: { cpu: '0.5' } },
    {
      name: 'when absent means true',
      live: { serviceAccountName: 'a' },
      desired: { automountServiceAccountToken: false },
    },
  ];
  it.each(cases)('$name', ({ live, desired }) => {
    expect(states(live, desired)).toBe(false);
  });
});
