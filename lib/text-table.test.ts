import { expect, it } from 'vitest';
import { alignColumns } from './text-table.ts';

it('columns are as wide as their longest cell, and no line ends in spaces', () => {
  const rows = [
    ['NAME', 'SIZE', ''],
    ['a-long-name', '1', 'x'],
    ['b', '20'],
  ];
  expect(alignColumns(rows)).toBe('NAME         SIZE\na-long-name  1     x\nb            20');
});
