import { type FSWatcher, watch } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { Clock } from '../../lib/clock.ts';

/** A save is several events (truncate, write; or write beside, rename): it is over when none came for this long. */
const quietMs = 10;
/** Something that never stops writing is looked at now and then all the same. */
const longestMs = 250;

/** Calls `onQuiet` once after a burst of events. */
export class Burst {
  readonly #clock: Clock;
  readonly #onQuiet: () => void;
  #cancel: (() => void) | undefined;
  #since: number | undefined;

  constructor(clock: Clock, onQuiet: () => void) {
    this.#clock = clock;
    this.#onQuiet = onQuiet;
  }

  event(): void {
    const now = this.#clock.monotonic();
    this.#since ??= now;
    this.#cancel?.();
    const waitMs = Math.max(0, Math.min(quietMs, this.#since + longestMs - now));
    this.#cancel = this.#clock.schedule(waitMs, () => {
      this.stop();
      this.#onQuiet();
    });
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#since = undefined;
  }
}

export interface Watched {
  /** Absolute. */
  readonly path: string;
  readonly kind: 'file' | 'folder';
}

export interface WatchDeps {
  readonly clock: Clock;
  readonly onChange: () => void;
  readonly onError: (error: Error) => void;
}

/**
 * Calls `onChange` after a file, or something in a folder, was written or replaced. Of a file the folder is watched: editors
 * replace a file by another one, and a watch of the file would stay with the old one.
 * @returns what ends it
 */
export function watchSource({ path, kind }: Watched, { clock, onChange, onError }: WatchDeps): () => void {
  const burst = new Burst(clock, onChange);
  const isOurs = (name: string | null): boolean => kind === 'folder' || name === null || name === basename(path);
  const watcher: FSWatcher = watch(kind === 'folder' ? path : dirname(path), (_event, name) => {
    if (isOurs(name)) {
      burst.event();
    }
  });
  watcher.on('error', onError);
  return () => {
    burst.stop();
    watcher.close();
  };
}
