import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { runtimes } from '../lib/api/resources.ts';
import type { Runtime } from '../lib/api/runtime.ts';
import type { Clock, Random } from '../lib/clock.ts';
import { errorMessage, isAbortError } from '../lib/errors.ts';
import { Backoff } from '../lib/kube/backoff.ts';
import type { KubeClient } from '../lib/kube/client.ts';
import type { Runnable } from '../lib/lifecycle.ts';
import type { Logger } from '../lib/log.ts';

export interface ShippedRuntimesDeps {
  readonly client: Pick<KubeClient, 'apply'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** A JSON list of Runtimes. */
  readonly file: string;
}

/** Not the operator's own: `kubectl get --show-managed-fields` tells who stated what. */
const fieldManager = 'flint-chart';

/**
 * Applies the Runtimes that come with an installation, once each time the process leads. A Helm release cannot hold them beside
 * their CRD: before it exists their kind is unknown.
 */
export class ShippedRuntimes implements Runnable {
  readonly name = 'shipped runtimes';
  readonly #deps: ShippedRuntimesDeps;

  constructor(deps: ShippedRuntimesDeps) {
    this.#deps = deps;
  }

  /** @throws Error when the file cannot be read; what the server refuses is tried again. */
  async run(signal: AbortSignal): Promise<void> {
    const wanted = JSON.parse(await readFile(this.#deps.file, 'utf8')) as Runtime[];
    for (const runtime of wanted) {
      await this.#applyAtLast(runtime, signal);
    }
    if (!signal.aborted) {
      await once(signal, 'abort');
    }
  }

  async #applyAtLast(runtime: Runtime, signal: AbortSignal): Promise<void> {
    const { client, clock, log, random } = this.#deps;
    const backoff = new Backoff({ firstMs: 500, factor: 2, longestMs: 30_000 }, random);
    while (!signal.aborted) {
      try {
        await client.apply(runtimes, runtime, { fieldManager, force: true, signal });
        return;
      } catch (error) {
        if (isAbortError(error, signal)) {
          return;
        }
        const retryMs = Math.round(backoff.next());
        log.warn('runtime not applied', { runtime: runtime.metadata.name, error: errorMessage(error), retryMs });
        await clock.sleep(retryMs, signal).catch(() => undefined);
      }
    }
  }
}
