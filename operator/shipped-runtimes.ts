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
  /**
   * Resolves when each was applied, or refused once: until then nobody can say that a Runtime is missing. It does not wait for
   * those that are refused, or one that the server never takes would hold up every function.
   */
  readonly tried: Promise<void>;
  readonly #deps: ShippedRuntimesDeps;
  readonly #tried = Promise.withResolvers<void>();

  constructor(deps: ShippedRuntimesDeps) {
    this.#deps = deps;
    this.tried = this.#tried.promise;
  }

  /** @throws Error when the file cannot be read; what the server refuses is tried again. */
  async run(signal: AbortSignal): Promise<void> {
    const wanted = JSON.parse(await readFile(this.#deps.file, 'utf8')) as Runtime[];
    const { clock, random } = this.#deps;
    const backoff = new Backoff({ firstMs: 500, factor: 2, longestMs: 30_000 }, random);
    let refused = await this.#applyAll(wanted, signal);
    this.#tried.resolve();
    while (refused.length > 0 && !signal.aborted) {
      await clock.sleep(backoff.next(), signal).catch(() => undefined);
      refused = await this.#applyAll(refused, signal);
    }
    if (!signal.aborted) {
      await once(signal, 'abort');
    }
  }

  /** @returns those that the server did not take. */
  async #applyAll(wanted: readonly Runtime[], signal: AbortSignal): Promise<readonly Runtime[]> {
    const refused: Runtime[] = [];
    for (const runtime of wanted) {
      try {
        await this.#deps.client.apply(runtimes, runtime, { fieldManager, force: true, signal });
      } catch (error) {
        if (isAbortError(error, signal)) {
          return [];
        }
        this.#deps.log.warn('runtime not applied; it is tried again', {
          runtime: runtime.metadata.name,
          error: errorMessage(error),
        });
        refused.push(runtime);
      }
    }
    return refused;
  }
}
