import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isRunning, makeProcessMark, parseProcessMark } from '../node/process-mark.ts';

/** Thrown when another Flint lives in the same data folder. */
export class FolderInUseError extends Error {
  override readonly name = 'FolderInUseError';

  constructor(dataDir: string, pid: number) {
    super(
      `${dataDir} is in use by another Flint (process ${pid}, as ${lockFileIn(dataDir)} says).\n` +
        `Stop that one with Ctrl-C, or use another folder and other ports, for example:\n` +
        `npm start -- --data .flint-2 --port 0 --api-port 0`,
    );
  }
}

function lockFileIn(dataDir: string): string {
  return join(dataDir, 'flint.pid');
}

/**
 * Marks the folder as ours. A mark whose process is gone, after a crash, counts for nothing, whoever has its id now.
 * @returns what removes the mark.
 * @throws FolderInUseError
 */
export async function lockFolder(dataDir: string, pid: number): Promise<() => Promise<void>> {
  const owner = await tryFindOwner(dataDir);
  if (owner !== undefined && owner !== pid) {
    throw new FolderInUseError(dataDir, owner);
  }
  const file = lockFileIn(dataDir);
  // Without procfs there is only the id to go by.
  await writeFile(file, `${JSON.stringify(makeProcessMark(pid) ?? pid)}\n`);
  return () => rm(file, { force: true });
}

/** The process id of the Flint that lives in the folder. */
export async function tryFindOwner(dataDir: string): Promise<number | undefined> {
  const text = await tryRead(lockFileIn(dataDir));
  const mark = parseProcessMark(text);
  if (mark !== undefined) {
    return isRunning(mark) ? mark.pid : undefined;
  }
  const pid = Number(text);
  return Number.isInteger(pid) && pid > 0 && isAlive(pid) ? pid : undefined;
}

async function tryRead(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      return '';
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
