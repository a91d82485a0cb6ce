import { mkdir } from 'node:fs/promises';
import type { Clock } from '../../lib/clock.ts';
import type { Logger } from '../../lib/log.ts';
import { endLeftovers, podsFolderIn } from '../node/leftovers.ts';
import { lockFolder } from './lock.ts';

export interface DataFolderDeps {
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * Makes the folder this process's own, and ends what a former run that crashed left behind in it: it holds ports, which the new
 * run wants.
 * @returns what gives the folder back
 * @throws FolderInUseError
 */
export async function takeDataFolder(dataDir: string, { clock, log }: DataFolderDeps): Promise<() => Promise<void>> {
  await mkdir(dataDir, { recursive: true });
  const unlock = await lockFolder(dataDir, process.pid);
  const ended = await endLeftovers(podsFolderIn(dataDir), clock);
  if (ended > 0) {
    log.warn('ended processes that a former run left behind', { count: ended });
  }
  return unlock;
}
