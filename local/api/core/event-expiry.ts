import type { Clock } from '../../../lib/clock.ts';
import { isAbortError } from '../../../lib/errors.ts';
import type { KubeObject } from '../../../lib/kube/objects.ts';
import type { Runnable } from '../../../lib/lifecycle.ts';
import type { ApiCore } from './core.ts';

/** `--event-ttl` of a real server. */
const ttlMs = 60 * 60 * 1000;
const sweepEveryMs = 10 * 60 * 1000;

interface Event extends KubeObject {
  readonly series?: { readonly lastObservedTime?: string };
}

/** Removes Events that nobody has told of for an hour: the state would grow with every start. */
export class EventExpiry implements Runnable {
  readonly name = 'event-expiry';
  readonly #core: ApiCore;
  readonly #clock: Clock;

  constructor(core: ApiCore, clock: Clock) {
    this.#core = core;
    this.#clock = clock;
  }

  async run(signal: AbortSignal): Promise<void> {
    try {
      for (;;) {
        this.#sweep();
        await this.#clock.sleep(sweepEveryMs, signal);
      }
    } catch (error) {
      if (!isAbortError(error, signal)) {
        throw error;
      }
    }
  }

  #sweep(): void {
    const { registry, storage } = this.#core;
    const events = registry.find('', 'v1', 'events');
    const before = this.#clock.now() - ttlMs;
    for (const [key, event] of [...storage.list(events)]) {
      if (lastTold(event) < before) {
        storage.remove(events, key);
      }
    }
  }
}

function lastTold({ metadata, series }: Event): number {
  return Date.parse(series?.lastObservedTime ?? metadata.creationTimestamp ?? '');
}
