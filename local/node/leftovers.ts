import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../lib/clock.ts';
import { signalGroup } from './process-group.ts';
import { isMarkedProcess, isRunning, makeProcessMark, parseProcessMark, type ProcessMark } from './process-mark.ts';

/** In a container's folder: which process runs there, so that the next start finds it after a crash of this one. */
const pidFile = 'pid';

/** A killed process is gone within milliseconds, unless the kernel itself is stuck in it. */
const goneWithinMs = 2000;
const lookEveryMs = 5;

/** Where the pods of a node are, in its data folder. */
export function podsFolderIn(dataDir: string): string {
  return join(dataDir, 'pods');
}

export async function markProcess(containerFolder: string, pid: number): Promise<void> {
  const mark = makeProcessMark(pid);
  if (mark !== undefined) {
    await writeFile(join(containerFolder, pidFile), JSON.stringify(mark));
  }
}

/**
 * Ends the processes that a node which crashed left behind in `podsFolder`, and empties the folder. Their ports are free
 * afterwards.
 * @returns how many there were
 */
export async function endLeftovers(podsFolder: string, clock: Pick<Clock, 'monotonic' | 'sleep'>): Promise<number> {
  await mkdir(podsFolder, { recursive: true });
  const files = (await readdir(podsFolder, { recursive: true })).filter((name) => name.endsWith(`/${pidFile}`));
  const ended: ProcessMark[] = [];
  for (const file of files) {
    const mark = parseProcessMark(await readFile(join(podsFolder, file), 'utf8'));
    // Nothing is ever killed by its id alone.
    if (mark !== undefined && isMarkedProcess(mark) && signalGroup(mark.pid, 'SIGKILL')) {
      ended.push(mark);
    }
  }
  await rm(podsFolder, { recursive: true, force: true });
  await mkdir(podsFolder, { recursive: true });
  const deadline = clock.monotonic() + goneWithinMs;
  while (ended.some(isRunning) && clock.monotonic() < deadline) {
    await clock.sleep(lookEveryMs);
  }
  return ended.length;
}
