import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { packageFolderOf, readPackages, renderLicenses } from './packages.ts';

let project: string;

async function addPackage(
  folder: string,
  manifest: object,
  files: Readonly<Record<string, string>> = {},
): Promise<void> {
  await mkdir(join(project, folder), { recursive: true });
  await writeFile(join(project, folder, 'package.json'), JSON.stringify(manifest));
  for (const [name, text] of Object.entries(files)) {
    await writeFile(join(project, folder, name), text);
  }
}

beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), 'flint-packages-'));
  await addPackage('node_modules/b', { name: 'b', version: '2.0.0', license: 'MIT' }, { 'LICENSE.md': 'the text\n' });
  await addPackage('node_modules/b/node_modules/@s/a', { name: '@s/a', version: '1.0.0', license: 'ISC' });
  await addPackage('node_modules/unlicensed', { name: 'unlicensed', version: '1.0.0' });
});
afterAll(() => rm(project, { recursive: true }));

it.for([
  { input: 'node_modules/pino/lib/x.js', want: 'node_modules/pino' },
  { input: 'node_modules/@scope/a/b/c.js', want: 'node_modules/@scope/a' },
  { input: 'node_modules/a/node_modules/b/c.js', want: 'node_modules/a/node_modules/b' },
  { input: 'lib/clock.ts', want: undefined },
])('$input is part of $want', ({ input, want }) => {
  expect(packageFolderOf(input)).toBe(want);
});

it('every package is named once, by name, with its licence', async () => {
  const inputs = ['node_modules/b/x.js', 'node_modules/b/y.js', 'node_modules/b/node_modules/@s/a/i.js', 'lib/own.ts'];
  const packages = await readPackages(inputs, project);
  expect(packages).toEqual([
    { name: '@s/a', version: '1.0.0', license: 'ISC', licenseText: '' },
    { name: 'b', version: '2.0.0', license: 'MIT', licenseText: 'the text' },
  ]);
  expect(renderLicenses(packages)).toMatch(/Apache-2\.0[^]*@s\/a 1\.0\.0: ISC[^]*b 2\.0\.0: MIT\n\nthe text/u);
});

it('what has no licence is not shipped', async () => {
  await expect(readPackages(['node_modules/unlicensed/x.js'], project)).rejects.toThrow(
    'unlicensed 1.0.0 has no licence',
  );
});
