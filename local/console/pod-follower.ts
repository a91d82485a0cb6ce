import type { Clock, Random } from '../../lib/clock.ts';
import type { KubeClient } from '../../lib/kube/client.ts';
import type { Pod } from '../../lib/kube/objects.ts';
import { type Change, Reflector } from '../../lib/kube/reflector.ts';
import { pods } from '../../lib/kube/resources.ts';
import type { Runnable } from '../../lib/lifecycle.ts';
import type { Logger } from '../../lib/log.ts';

/** The lines of one run of a container from its start, until it ends. */
export type OpenLog = (pod: Pod, container: string, signal: AbortSignal) => AsyncIterable<string>;

export type ContainerStatus = NonNullable<NonNullable<Pod['status']>['containerStatuses']>[number];

export interface PodFollowerOptions {
  readonly client: Pick<KubeClient, 'list' | 'watch'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** Which Pods; of every namespace where it names none. */
  readonly scope: { readonly namespace?: string; readonly labelSelector: string };
  readonly open: OpenLog;
  readonly onLine: (pod: Pod, line: string) => void;
  /** A log cannot be read, or not to its end. */
  readonly onError: (pod: Pod, error: unknown) => void;
  /** Hears of every change, before the lines of a run that begins with it. */
  readonly onChange?: (change: Change<Pod>) => void;
}

/** Hands over every line that the containers of some Pods print, each run of a container once. */
export class PodFollower implements Runnable {
  readonly name = 'pod follower';
  readonly #options: PodFollowerOptions;
  readonly #pods: Reflector<Pod>;
  /** By uid and container, the run that was followed last. */
  readonly #followed = new Map<string, Map<string, number>>();

  constructor(options: PodFollowerOptions) {
    this.#options = options;
    this.#pods = new Reflector({ ...options, ...options.scope, resource: pods });
  }

  async run(signal: AbortSignal): Promise<void> {
    this.#pods.onChange((change) => {
      this.#options.onChange?.(change);
      this.#note(change, signal);
    });
    await this.#pods.run(signal);
  }

  #note({ type, object: pod }: Change<Pod>, signal: AbortSignal): void {
    const { uid = '' } = pod.metadata;
    if (type === 'delete') {
      this.#followed.delete(uid);
      return;
    }
    const followed = this.#followed.get(uid) ?? new Map<string, number>();
    this.#followed.set(uid, followed);
    for (const status of pod.status?.containerStatuses ?? []) {
      const run = runOf(status);
      if (run !== undefined && run > (followed.get(status.name) ?? -1)) {
        followed.set(status.name, run);
        void this.#follow(pod, status.name, signal);
      }
    }
  }

  async #follow(pod: Pod, container: string, signal: AbortSignal): Promise<void> {
    const { open, onLine, onError } = this.#options;
    try {
      for await (const line of open(pod, container, signal)) {
        onLine(pod, line);
      }
    } catch (error) {
      if (!signal.aborted) {
        onError(pod, error);
      }
    }
  }
}

/** 0 for the first run of the container, 1 after its first restart; undefined while it has not started. */
function runOf({ state, restartCount }: ContainerStatus): number | undefined {
  return state?.running === undefined && state?.terminated === undefined ? undefined : restartCount;
}
