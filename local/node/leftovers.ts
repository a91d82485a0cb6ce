import { readFileSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { signalGroup } from './process-group.ts';

/** In a container's folder: which process runs there, so that the next start finds it after a crash of this one. */
const pidFile = 'pid';

/** A process by its id and, since ids come back, by when it started (in the system's ticks). */
interface ProcessMark {
  readonly pid: number;
  readonly startedAt: string;
}

export async function markProcess(containerFolder: string, pid: number): Promise<void> {
  const startedAt = readStartTime(pid);
  if (startedAt !== undefined) {
    const mark: ProcessMark = { pid, startedAt };
    await writeFile(join(containerFolder, pidFile), JSON.stringify(mark));
  }
}

/**
 * Ends the processes that a node which crashed left behind in `podsFolder`, and empties the folder.
 * @returns how many there were
 */
export async function endLeftovers(podsFolder: string): Promise<number> {
  await mkdir(podsFolder, { recursive: true });
  const files = (await readdir(podsFolder, { recursive: true })).filter((name) => name.endsWith(`/${pidFile}`));
  let ended = 0;
  for (const file of files) {
    const mark = parseMark(await readFile(join(podsFolder, file), 'utf8'));
    if (mark !== undefined && readStartTime(mark.pid) === mark.startedAt && signalGroup(mark.pid, 'SIGKILL')) {
      ended += 1;
    }
  }
  await rm(podsFolder, { recursive: true, force: true });
  await mkdir(podsFolder, { recursive: true });
  return ended;
}

/** A file that was cut off by the crash names nobody. */
function parseMark(text: string): ProcessMark | undefined {
  const [, pid, startedAt] = /^\{"pid":([0-9]+),"startedAt":"([0-9]+)"\}$/u.exec(text) ?? [];
  return pid === undefined || startedAt === undefined ? undefined : { pid: Number(pid), startedAt };
}

/** Undefined when the process is gone, or the system has no procfs: nothing is ever killed by its id alone. */
function readStartTime(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name in parentheses may hold spaces; the start time is the 20th field after it.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}
