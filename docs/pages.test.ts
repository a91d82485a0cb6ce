import { globSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';

const project = join(import.meta.dirname, '..');
const made = ['node_modules', 'dist', '.git', '.flint', '.tools', 'coverage'];
const folders = readdirSync(project, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && !made.includes(entry.name))
  .map(({ name }) => name);

const read = (file: string): string => readFileSync(join(project, file), 'utf8');
const isThere = (path: string): boolean => globSync(path, { cwd: project }).length > 0;
const pages = globSync(['*.md', `{${folders.join(',')}}/**/*.md`], { cwd: project }).filter(
  (page) => !page.includes('node_modules'),
);

/** Those that begin at the project's root; `VERSION` and the like stand for something else. */
function pathsIn(text: string): string[] {
  const words = [...text.matchAll(/`([^`\n]+)`/gu)].flatMap(([, code = '']) => code.split(' '));
  return words.filter(
    (word) => folders.includes(word.split('/')[0] ?? '') && /^[\w.{},*/-]+$/u.test(word) && !/\/[A-Z]+\//u.test(word),
  );
}

it.each(pages)('%s names files and links to pages that are there', (page) => {
  const text = read(page);
  const links = [...text.matchAll(/\]\((?![a-z]+:|#)([^)#]+)[^)]*\)/gu)].map(([, link = '']) => link);
  const missing = [
    ...pathsIn(text).filter((path) => !isThere(path)),
    ...links.filter((link) => !isThere(join(dirname(page), link))),
  ];
  expect(missing).toEqual([]);
});

it('the page of dependencies has a row for each of them', () => {
  const { dependencies, devDependencies } = JSON.parse(read('package.json')) as Record<string, object>;
  const cells = read('docs/dependencies.md').matchAll(/^\| ((?:`[^`]+`(?:, )?)+)/gmu);
  const told = [...cells].flatMap(([, cell = '']) => [...cell.matchAll(/`([^`]+)`/gu)].map(([, name]) => name));
  expect(told.toSorted()).toEqual(Object.keys({ ...dependencies, ...devDependencies }).toSorted());
});
