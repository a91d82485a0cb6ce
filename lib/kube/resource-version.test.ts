import { expect, it } from 'vitest';
import { isLater } from './resource-version.ts';

const cases = [
  { a: '10', b: '9', want: true },
  { a: '9', b: '10', want: false },
  { a: '10', b: '10', want: false },
  { a: '11', b: '10', want: true },
  { a: '10', b: '11', want: false },
  { a: '9007199254740993', b: '9007199254740992', want: true },
  { a: '1', b: '0', want: true },
  { a: 'b', b: 'a', want: true },
  { a: 'a', b: 'b', want: true },
  { a: 'a', b: 'a', want: false },
  { a: '5', b: 'x7', want: true },
  { a: '5x', b: '7', want: true },
  { a: '07', b: '9', want: true },
  { a: '5', b: '', want: true },
  { a: '15x', b: '7', want: true },
  { a: '7', b: '15x', want: true },
];
it.each(cases)('$a after $b: $want', ({ a, b, want }) => {
  expect(isLater(a, b)).toBe(want);
});
