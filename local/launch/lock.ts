import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Thrown when another Flint lives in the same data folder. */
export class FolderInUseError extends Error {
  override readonly name = 'FolderInUseError';

  constructor(dataDir: string, pid: number) {
    super(
      `${dataDir} is in use by another Flint (process ${pid}).\n` +
        `Stop that one with Ctrl-C, or use another folder and other ports, for example:\n` +
        `npm start -- --data .flint-2 --port 0 --api-port 0`,
    );
  }
}

/**
 * Marks the folder as ours. A mark whose process is gone, after a crash, counts for nothing.
 * @returns what removes the mark.
 * @throws FolderInUseError
 */
export async function lockFolder(dataDir: string, pid: number): Promise<() => Promise<void>> {
  const file = join(dataDir, 'flint.pid');
  const owner = await readOwner(file);
  if (owner !== undefined && owner !== pid && isAlive(owner)) {
    throw new FolderInUseError(dataDir, owner);
  }
  await writeFile(file, `${pid}\n`);
  return () => rm(file, { force: true });
}

async function readOwner(file: string): Promise<number | undefined> {
  try {
    const pid = Number(await readFile(file, 'utf8'));
    return Number.isInteger(pid) && pid > 0 ? pid : undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      return undefined;
    }
    throw error;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives, but is somebody else's.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
