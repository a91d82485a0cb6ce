import { readFileSync } from 'node:fs';
import type { Clock } from '../../lib/clock.ts';

const periodMs = 1000;
const pageBytes = 4096;

export interface MemoryWatchOptions {
  readonly clock: Pick<Clock, 'schedule'>;
  /** Resident bytes of a process; undefined when it is gone or the system does not say. */
  readonly residentBytes?: (pid: number) => number | undefined;
}

interface Watched {
  readonly limitBytes: number;
  readonly onExceeded: () => void;
}

/** What cgroups do in a container: tells when a process outgrows its limit. One timer for all, and none without any. */
export class MemoryWatch {
  readonly #options: Required<MemoryWatchOptions>;
  readonly #watched = new Map<number, Watched>();
  #cancel: (() => void) | undefined;

  constructor(options: MemoryWatchOptions) {
    this.#options = { residentBytes, ...options };
  }

  /** @returns what ends it */
  add(pid: number, watched: Watched): () => void {
    this.#watched.set(pid, watched);
    this.#cancel ??= this.#arm();
    return () => {
      this.#watched.delete(pid);
      if (this.#watched.size === 0) {
        this.#cancel?.();
        this.#cancel = undefined;
      }
    };
  }

  #arm(): () => void {
    return this.#options.clock.schedule(periodMs, () => {
      this.#cancel = this.#arm();
      for (const [pid, { limitBytes, onExceeded }] of this.#watched) {
        if ((this.#options.residentBytes(pid) ?? 0) > limitBytes) {
          onExceeded();
        }
      }
    });
  }
}

function residentBytes(pid: number): number | undefined {
  try {
    // Synchronous: procfs answers from memory, in microseconds.
    const [, pages] = readFileSync(`/proc/${pid}/statm`, 'latin1').split(' ');
    return Number(pages) * pageBytes;
  } catch {
    // Gone between two looks, or a system without procfs, where limits are not enforced.
    return undefined;
  }
}
