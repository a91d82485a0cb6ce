import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FolderInUseError, lockFolder } from './lock.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flint-lock-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** Larger than any process id that Linux or macOS hands out. */
const deadPid = 2 ** 30;

describe('a data folder', () => {
  it('that a living process uses is refused, with what to do', async () => {
    await writeFile(join(folder, 'flint.pid'), `${process.ppid}\n`);
    await expect(lockFolder(folder, process.pid)).rejects.toThrow(FolderInUseError);
    await expect(lockFolder(folder, process.pid)).rejects.toThrow('--data');
  });

  it('is free again after the lock is given back', async () => {
    const unlock = await lockFolder(folder, process.ppid);
    await unlock();
    expect(await readdir(folder)).toEqual([]);
    await lockFolder(folder, process.pid);
  });

  const leftovers = [
    { name: 'of a process that is gone', content: `${deadPid}\n` },
    { name: 'that is empty', content: '' },
    { name: 'that is no number', content: 'x' },
  ];
  for (const { name, content } of leftovers) {
    it(`with a mark ${name} is taken`, async () => {
      await writeFile(join(folder, 'flint.pid'), content);
      await expect(lockFolder(folder, process.pid)).resolves.toBeTypeOf('function');
    });
  }
});
