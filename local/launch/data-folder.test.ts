import { chmod, mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silentLogger } from '../../lib/log.ts';
import { FakeClock } from '../../lib/testing/fake-clock.ts';
import { DataFolderError, takeDataFolder } from './data-folder.ts';

let parent = '';
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'flint-data-'));
});
afterEach(() => rm(parent, { recursive: true }));

function take(dataDir: string): Promise<() => Promise<void>> {
  return takeDataFolder(dataDir, { clock: new FakeClock(), log: silentLogger });
}

async function modeOf(path: string): Promise<number> {
  return (await stat(path)).mode & 0o777;
}

describe('a data folder', () => {
  it('is made with all that is above it, and taken again after it was given back', async () => {
    const folder = join(parent, 'a/b/c');
    const giveBack = await take(folder);
    expect(existsSync(join(folder, 'flint.pid'))).toBe(true);
    await giveBack();
    expect(existsSync(join(folder, 'flint.pid'))).toBe(false);
    await take(folder);
    expect((await stat(folder)).isDirectory()).toBe(true);
  });

  it('can be read by its owner only, also one that is there already', async () => {
    const folder = join(parent, 'new');
    await take(folder);
    expect(await modeOf(folder)).toBe(0o700);
    await chmod(folder, 0o755);
    await take(folder);
    expect(await modeOf(folder)).toBe(0o700);
  });

  it('that holds other things too keeps its rights, and that is told', async () => {
    const folder = join(parent, 'home');
    await mkdir(folder, { mode: 0o755 });
    await writeFile(join(folder, 'letter.txt'), '');
    const told: unknown[] = [];
    const log = { ...silentLogger, warn: (...entry: unknown[]) => told.push(entry) };
    await takeDataFolder(folder, { clock: new FakeClock(), log });
    expect(await modeOf(folder)).toBe(0o755);
    expect(told).toEqual([[expect.stringContaining('other users of this machine'), { dataDir: folder }]]);
  });

  it('that is a file, or lies below one, is refused with what to do', async () => {
    const file = join(parent, 'file');
    await writeFile(file, '');
    for (const dataDir of [file, join(file, 'below')]) {
      const attempt = take(dataDir);
      await expect(attempt).rejects.toThrow(DataFolderError);
      await expect(attempt).rejects.toThrow(
        `${dataDir} cannot be Flint's data folder: it is a file, or lies below one`,
      );
      await expect(attempt).rejects.toThrow('--data');
    }
  });

  it.skipIf(!existsSync('/proc/self'))('where the system makes none is refused, and not tried for ever', async () => {
    await expect(take('/proc/flint')).rejects.toThrow('no folder can be made there');
  });

  it.skipIf(process.getuid?.() === 0)('that this user may not write to is refused as such', async () => {
    await expect(take('/flint-data')).rejects.toThrow('this user may not write there');
  });
});
