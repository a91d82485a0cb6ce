import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readSource } from './read-source.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flint-source-'));
});

afterEach(() => rm(folder, { recursive: true }));

async function write(...names: string[]): Promise<void> {
  for (const name of names) {
    await writeFile(join(folder, name), name);
  }
}

describe('reading what to serve', () => {
  it('takes a file by itself', async () => {
    await write('a.mjs', 'b.mjs');
    const { kind, files } = await readSource(join(folder, 'a.mjs'));
    expect({ kind, files: [...files.keys()] }).toEqual({ kind: 'file', files: ['a.mjs'] });
  });

  it('takes the files of a folder, without hidden ones and what editors leave there', async () => {
    await write('index.mjs', 'words.mjs', '.env', 'index.mjs~', '#index.mjs#', '.index.mjs.swp');
    const { kind, files } = await readSource(folder);
    expect({ kind, files: [...files.keys()] }).toEqual({ kind: 'folder', files: ['index.mjs', 'words.mjs'] });
  });

  it('refuses what is not there', async () => {
    await expect(readSource(join(folder, 'a.mjs'))).rejects.toThrow(/a\.mjs: there is no such file or folder/u);
  });

  it('refuses folders in a folder, and says what to do with node_modules', async () => {
    await write('index.mjs');
    await mkdir(join(folder, 'node_modules'));
    await expect(readSource(folder)).rejects.toThrow(/node_modules: .*bundle what the function imports/u);
  });

  it('refuses a folder of many files, and a file of many bytes, before it reads them', async () => {
    await writeFile(join(folder, 'big.mjs'), Buffer.alloc(4 * 2 ** 20 + 1));
    await expect(readSource(join(folder, 'big.mjs'))).rejects.toThrow(/4194305 bytes/u);
    await write(...Array.from({ length: 201 }, (_, index) => `${index}.txt`));
    await expect(readSource(folder)).rejects.toThrow(/202 files, and 200 are served at most/u);
  });
});
