import type { Clock } from '../../../lib/clock.ts';
import type { Pod } from '../../../lib/kube/objects.ts';
import { keyOf, type ObjectKey } from '../../../lib/kube/store.ts';

/** A write whose event never came, because a relist swallowed it, is forgotten after this long. */
const forgetAfterMs = 30_000;

interface Write {
  readonly kind: 'creation' | 'deletion';
  readonly forgetAt: number;
}

/**
 * Pod writes that the cache has not shown yet. Until it has, counting pods there would create or delete too many.
 * A write is noted before it is sent: its event may come back before its answer.
 */
export class PendingWrites {
  readonly #clock: Pick<Clock, 'monotonic'>;
  /** ReplicaSet → pod → write */
  readonly #writes = new Map<ObjectKey, Map<ObjectKey, Write>>();

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock;
  }

  note(owner: ObjectKey, pod: ObjectKey, kind: Write['kind']): void {
    const writes = this.#writes.get(owner) ?? new Map<ObjectKey, Write>();
    writes.set(pod, { kind, forgetAt: this.#clock.monotonic() + forgetAfterMs });
    this.#writes.set(owner, writes);
  }

  /** The write failed. */
  drop(owner: ObjectKey, pod: ObjectKey): void {
    const writes = this.#writes.get(owner);
    writes?.delete(pod);
    if (writes?.size === 0) {
      this.#writes.delete(owner);
    }
  }

  /** The cache has this pod in this state now. */
  observe(owner: ObjectKey, pod: Pod, isGone: boolean): void {
    const key = keyOf(pod);
    const write = this.#writes.get(owner)?.get(key);
    const isDeleting = isGone || pod.metadata.deletionTimestamp !== undefined;
    if (write !== undefined && (write.kind === 'creation' || isDeleting)) {
      this.drop(owner, key);
    }
  }

  /** How long to wait for the cache at most; 0 when it shows everything. */
  waitMs(owner: ObjectKey): number {
    const now = this.#clock.monotonic();
    let longest = 0;
    for (const [pod, { forgetAt }] of this.#writes.get(owner) ?? []) {
      if (forgetAt <= now) {
        this.drop(owner, pod);
      }
      longest = Math.max(longest, forgetAt - now);
    }
    return longest;
  }

  forget(owner: ObjectKey): void {
    this.#writes.delete(owner);
  }
}
