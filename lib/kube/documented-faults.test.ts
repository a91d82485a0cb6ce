import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const project = join(import.meta.dirname, '../..');
const page = readFileSync(join(project, 'docs/design/controller-faults.md'), 'utf8');

/** Rows of three columns whose last one is `file`: title. */
const rows = page.split('\n').flatMap((line) => {
  const [fault, , test] = line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());
  const [, file, title] = /^`(?<file>[^`]+)`: (?<title>.+)$/u.exec(test ?? '') ?? [];
  return fault === undefined || file === undefined || title === undefined ? [] : [{ fault, file, title }];
});

it('the page of faults names a test for each of them', () => {
  const lines = page.split('\n').filter((line) => line.startsWith('|'));
  // Each of the three tables has a head of two lines.
  expect(rows).toHaveLength(lines.length - 2 * 3);
});

it.each(rows)('$fault: the test that is named for it is there', ({ file, title }) => {
  expect(existsSync(join(project, file)), file).toBe(true);
  expect(readFileSync(join(project, file), 'utf8')).toContain(title);
});
