import { chmod, mkdir, readdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Clock } from '../../lib/clock.ts';
import { errorMessage } from '../../lib/errors.ts';
import type { Logger } from '../../lib/log.ts';
import { endLeftovers, podsFolderIn } from '../node/leftovers.ts';
import { lockFolder } from './lock.ts';

/** Thrown when the data folder cannot be made, or not be written to. */
export class DataFolderError extends Error {
  override readonly name = 'DataFolderError';

  constructor(dataDir: string, cause: NodeJS.ErrnoException) {
    super(
      `${dataDir} cannot be Flint's data folder: ${reasons[cause.code ?? ''] ?? 'the system refuses it'} ` +
        `(${errorMessage(cause)}).\nName a folder that you may write to with --data, or change the rights of this one.`,
      { cause },
    );
  }
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'this user may not write there',
  EPERM: 'this user may not write there',
  EROFS: 'nothing can be written there',
  EEXIST: 'it is a file, or lies below one',
  ENOTDIR: 'it is a file, or lies below one',
  ENOENT: 'no folder can be made there',
  ENOSPC: 'the disk is full',
};

export interface DataFolderDeps {
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * Makes the folder this process's own, and ends what a former run that crashed left behind in it: it holds ports, which the new
 * run wants.
 * @returns what gives the folder back
 * @throws DataFolderError, FolderInUseError
 */
export async function takeDataFolder(dataDir: string, { clock, log }: DataFolderDeps): Promise<() => Promise<void>> {
  await using held = new AsyncDisposableStack();
  try {
    await makeFolder(dataDir, onlyOwner);
    await keepPrivate(dataDir, log);
    held.defer(await lockFolder(dataDir, process.pid));
    const ended = await endLeftovers(podsFolderIn(dataDir), clock);
    if (ended > 0) {
      log.warn('ended processes that a former run left behind', { count: ended });
    }
  } catch (error) {
    throw isSystemError(error) ? new DataFolderError(dataDir, error) : error;
  }
  const taken = held.move();
  return () => taken.disposeAsync();
}

/** Secrets lie in the cluster's state and in the pods' volumes. */
const onlyOwner = 0o700;
const forOthers = 0o077;

/** What Flint itself puts into a data folder; `dev` is the data folder of `npm run dev`. */
const ownEntry = /^(?:compile-cache|dev|flint\.pid|kubeconfig|pods|state\.sqlite.*|volumes)$/u;

/** One that others use as well, such as a home folder, is left as it is. */
async function keepPrivate(dataDir: string, log: Logger): Promise<void> {
  if (((await stat(dataDir)).mode & forOthers) === 0) {
    return;
  }
  if ((await readdir(dataDir)).every((name) => ownEntry.test(name))) {
    await chmod(dataDir, onlyOwner);
  } else {
    log.warn('other users of this machine may read the data folder: chmod 700 it, or name another one', { dataDir });
  }
}

/** Node's own `recursive` never comes back where the system says ENOENT below a folder that is there, as procfs does. */
async function makeFolder(path: string, mode?: number): Promise<void> {
  try {
    await mkdir(path, mode);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' && dirname(path) !== path && !(await isFolder(dirname(path)))) {
      await makeFolder(dirname(path));
      await mkdir(path, mode);
    } else if (!(code === 'EEXIST' && (await isFolder(path)))) {
      throw error;
    }
  }
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false;
  }
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error;
}
