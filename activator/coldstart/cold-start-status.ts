import { fieldManagers } from '../../lib/api/names.ts';
import { revisions } from '../../lib/api/resources.ts';
import type { Clock } from '../../lib/clock.ts';
import { errorMessage } from '../../lib/errors.ts';
import type { KubeClient } from '../../lib/kube/client.ts';
import { isNotFound } from '../../lib/kube/status-error.ts';
import { makeKey, type ObjectKey, splitKey } from '../../lib/kube/store.ts';
import type { Logger } from '../../lib/log.ts';
import type { ColdStartPhases } from '../capacity.ts';

export interface ColdStartStatusDeps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly client: Pick<KubeClient, 'get' | 'mergePatch'>;
}

interface Noted {
  readonly wakes: number;
  readonly phases: ColdStartPhases;
}

/** Long enough for a burst of wakes to be over: what is written here must not stand in the way of scale writes. */
export const settleMs = 2000;

/**
 * Writes `status.coldStart` of Revisions, some time after the fact and one at a time. Wakes that come meanwhile are counted
 * together; what cannot be written is logged and forgotten, since it is of use to readers only.
 */
export class ColdStartStatus {
  readonly #deps: ColdStartStatusDeps;
  /** Bounded by the number of Revisions. */
  readonly #noted = new Map<ObjectKey, Noted>();
  #isWriting = false;

  constructor(deps: ColdStartStatusDeps) {
    this.#deps = deps;
  }

  /** A Revision was woken from zero; `phases` are those of the first request that a new replica took. */
  note(namespace: string, revisionName: string, phases: ColdStartPhases): void {
    const key = makeKey(namespace, revisionName);
    this.#noted.set(key, { wakes: (this.#noted.get(key)?.wakes ?? 0) + 1, phases });
    if (!this.#isWriting) {
      this.#isWriting = true;
      this.#deps.clock.schedule(settleMs, () => void this.#writeAll());
    }
  }

  async #writeAll(): Promise<void> {
    for (const [key, noted] of this.#noted) {
      this.#noted.delete(key);
      await this.#write(key, noted);
    }
    this.#isWriting = false;
  }

  async #write(key: ObjectKey, { wakes, phases }: Noted): Promise<void> {
    const { client, log } = this.#deps;
    const { namespace = '', name } = splitKey(key);
    try {
      const { metadata, status } = await client.get(revisions, { namespace, name });
      const coldStart = { count: (status?.coldStart?.count ?? 0) + wakes, lastPhasesMs: roundPhases(phases) };
      // The uid: a namesake made since then has not been woken.
      const patch = { metadata: { uid: metadata.uid }, status: { coldStart } };
      await client.mergePatch(revisions, { namespace, name }, patch, {
        fieldManager: fieldManagers.activator,
        subresource: 'status',
      });
    } catch (error) {
      if (!isNotFound(error)) {
        log.warn('cold start not written to the status', { namespace, revision: name, error: errorMessage(error) });
      }
    }
  }
}

/** Tenths of a millisecond, as in `Server-Timing`. */
function roundPhases({ queue, schedule, start }: ColdStartPhases): Record<string, number> {
  const round = (ms: number): number => Math.round(ms * 10) / 10;
  return { queue: round(queue), schedule: round(schedule), start: round(start) };
}
