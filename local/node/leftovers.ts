import { readFileSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../lib/clock.ts';
import { signalGroup } from './process-group.ts';

/** In a container's folder: which process runs there, so that the next start finds it after a crash of this one. */
const pidFile = 'pid';

/** A process by its id and, since ids come back, by when it started (in the system's ticks). */
interface ProcessMark {
  readonly pid: number;
  readonly startedAt: string;
}

export async function markProcess(containerFolder: string, pid: number): Promise<void> {
  const startedAt = readStat(pid)?.startedAt;
  if (startedAt !== undefined) {
    const mark: ProcessMark = { pid, startedAt };
    await writeFile(join(containerFolder, pidFile), JSON.stringify(mark));
  }
}

/** A killed process is gone within milliseconds, unless the kernel itself is stuck in it. */
const goneWithinMs = 2000;
const lookEveryMs = 5;

/** Where the pods of a node are, in its data folder. */
export function podsFolderIn(dataDir: string): string {
  return join(dataDir, 'pods');
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
    const mark = parseMark(await readFile(join(podsFolder, file), 'utf8'));
    if (mark !== undefined && readStat(mark.pid)?.startedAt === mark.startedAt && signalGroup(mark.pid, 'SIGKILL')) {
      ended.push(mark);
    }
  }
  await rm(podsFolder, { recursive: true, force: true });
  await mkdir(podsFolder, { recursive: true });
  const deadline = clock.monotonic() + goneWithinMs;
  while (ended.some(holdsAnything) && clock.monotonic() < deadline) {
    await clock.sleep(lookEveryMs);
  }
  return ended.length;
}

/** Nobody may reap an orphan, in a container for example: a zombie without threads holds no port any more. */
function holdsAnything({ pid, startedAt }: ProcessMark): boolean {
  const stat = readStat(pid);
  return stat?.startedAt === startedAt && !(stat.state === 'Z' && stat.threads <= 1);
}

/** A file that was cut off by the crash names nobody. */
function parseMark(text: string): ProcessMark | undefined {
  const [, pid, startedAt] = /^\{"pid":([0-9]+),"startedAt":"([0-9]+)"\}$/u.exec(text) ?? [];
  return pid === undefined || startedAt === undefined ? undefined : { pid: Number(pid), startedAt };
}

interface ProcessStat {
  readonly state: string;
  readonly threads: number;
  readonly startedAt: string;
}

/** Undefined when the process is gone, or the system has no procfs: nothing is ever killed by its id alone. */
function readStat(pid: number): ProcessStat | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name in parentheses may hold spaces.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { state: fields[0] ?? '', threads: Number(fields[17]), startedAt: fields[19] ?? '' };
  } catch {
    return undefined;
  }
}
