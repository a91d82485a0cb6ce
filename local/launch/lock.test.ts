import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
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
  it('that a living process uses is refused, with who, where that is written, and what to do', async () => {
    await lockFolder(folder, process.ppid);
    const attempt = lockFolder(folder, process.pid);
    await expect(attempt).rejects.toThrow(FolderInUseError);
    await expect(attempt).rejects.toThrow(`process ${process.ppid}, as ${join(folder, 'flint.pid')} says`);
    await expect(attempt).rejects.toThrow('--data');
  });

  it('of a system without procfs is refused by the process id alone', async () => {
    await writeFile(join(folder, 'flint.pid'), `${process.ppid}\n`);
    await expect(lockFolder(folder, process.pid)).rejects.toThrow(FolderInUseError);
  });

  it.skipIf(!existsSync('/proc/self/stat'))('whose Flint is gone is taken, whoever has its id now', async () => {
    await lockFolder(folder, process.ppid);
    const file = join(folder, 'flint.pid');
    const mark = await readFile(file, 'utf8');
    await writeFile(file, mark.replace(/"startedAt":"/u, '$&9'));
    await expect(lockFolder(folder, process.pid)).resolves.toBeTypeOf('function');
  });

  it.skipIf(!existsSync('/proc/self/stat'))('whose Flint is a zombie that nobody reaps is taken', async () => {
    // The inner program ends and has a parent that never asks how.
    const keeper = spawn('sh', ['-c', 'sleep 0 & echo $!; exec sleep 60'], { stdio: ['ignore', 'pipe', 'ignore'] });
    const [line] = (await once(keeper.stdout, 'data')) as [Buffer];
    const pid = Number(line.toString());
    await expect.poll(() => readFile(`/proc/${pid}/stat`, 'latin1')).toContain(') Z ');
    await lockFolder(folder, pid);
    await expect(lockFolder(folder, process.pid)).resolves.toBeTypeOf('function');
    keeper.kill();
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
    { name: 'that was cut off', content: '{"pid":1,"star' },
  ];
  for (const { name, content } of leftovers) {
    it(`with a mark ${name} is taken`, async () => {
      await writeFile(join(folder, 'flint.pid'), content);
      await expect(lockFolder(folder, process.pid)).resolves.toBeTypeOf('function');
    });
  }
});
