import { readFileSync } from 'node:fs';

/** A process by its id and, since ids come back, by when it started (in the system's ticks). */
export interface ProcessMark {
  readonly pid: number;
  readonly startedAt: string;
}

interface ProcessStat {
  readonly state: string;
  readonly threads: number;
  readonly startedAt: string;
}

/** Undefined when the process is gone, or the system has no procfs. */
function readProcessStat(pid: number): ProcessStat | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name in parentheses may hold spaces.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { state: fields[0] ?? '', threads: Number(fields[17]), startedAt: fields[19] ?? '' };
  } catch {
    return undefined;
  }
}

/** Undefined when the process is gone, or the system has no procfs. */
export function makeProcessMark(pid: number): ProcessMark | undefined {
  const startedAt = readProcessStat(pid)?.startedAt;
  return startedAt === undefined ? undefined : { pid, startedAt };
}

/** Undefined for a mark that was cut off by a crash: it names nobody. */
export function parseProcessMark(text: string): ProcessMark | undefined {
  const [, pid, startedAt] = /^\{"pid":([0-9]+),"startedAt":"([0-9]+)"\}\n?$/u.exec(text) ?? [];
  return pid === undefined || startedAt === undefined ? undefined : { pid: Number(pid), startedAt };
}

/** The process that was marked, and none that has its id now. */
export function isMarkedProcess({ pid, startedAt }: ProcessMark): boolean {
  return readProcessStat(pid)?.startedAt === startedAt;
}

/** Nobody may reap an orphan, in a container for example: a zombie without threads runs nothing and holds no port any more. */
export function isRunning({ pid, startedAt }: ProcessMark): boolean {
  const stat = readProcessStat(pid);
  return stat?.startedAt === startedAt && !(stat.state === 'Z' && stat.threads <= 1);
}
