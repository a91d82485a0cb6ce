import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '../../lib/clock.ts';
import { errorMessage } from '../../lib/errors.ts';
import type { KubeClient } from '../../lib/kube/client.ts';
import type { Pod, PodStatus } from '../../lib/kube/objects.ts';
import { pods } from '../../lib/kube/resources.ts';
import { isConflict, isNotFound } from '../../lib/kube/status-error.ts';
import type { Logger } from '../../lib/log.ts';

const retry = { firstMs: 50, longestMs: 5000 };

export interface StatusWriterOptions {
  readonly client: Pick<KubeClient, 'mergePatch'>;
  readonly clock: Pick<Clock, 'sleep'>;
  readonly log: Logger;
  /** What the status is now. */
  readonly makeStatus: () => PodStatus;
  /** The pod as the server knows it last. */
  readonly pod: () => Pod;
  /** The server's answer to a write. */
  readonly onWritten: (pod: Pod) => void;
}

/** Writes a pod's status at once when it changes; changes while a write is on its way are written together after it. */
export class StatusWriter {
  readonly #options: StatusWriterOptions;
  readonly #stop = new AbortController();
  #isDirty = false;
  #writing: Promise<void> | undefined;

  constructor(options: StatusWriterOptions) {
    this.#options = options;
  }

  changed(): void {
    this.#isDirty = true;
    this.#writing ??= this.#drain().finally(() => {
      this.#writing = undefined;
    });
  }

  /** Resolves when everything said so far is written, or will never be. */
  async flushed(): Promise<void> {
    await this.#writing;
  }

  /** No more writes: the pod or the server is gone. */
  stop(): void {
    this.#stop.abort(new Error('the status writer is stopped'));
  }

  async #drain(): Promise<void> {
    let pauseMs = retry.firstMs;
    while (this.#isDirty && !this.#stop.signal.aborted) {
      this.#isDirty = false;
      try {
        await this.#write();
        pauseMs = retry.firstMs;
      } catch (error) {
        if (isNotFound(error) || isConflict(error)) {
          // Gone, or another pod of the same name: its event ends this one.
          return;
        }
        this.#options.log.warn('pod status not written', { error: errorMessage(error), retryMs: pauseMs });
        this.#isDirty = true;
        await this.#options.clock.sleep(pauseMs, this.#stop.signal).catch(() => undefined);
        pauseMs = Math.min(pauseMs * 2, retry.longestMs);
      }
    }
  }

  async #write(): Promise<void> {
    const { client } = this.#options;
    const pod = this.#options.pod();
    const status = this.#options.makeStatus();
    if (isDeepStrictEqual(pod.status, status)) {
      return;
    }
    const { uid } = pod.metadata;
    const patch = { metadata: { uid }, status };
    const written = await client.mergePatch(pods, pod.metadata, patch, {
      fieldManager: 'kubelet',
      subresource: 'status',
    });
    this.#options.onWritten(written);
  }
}
