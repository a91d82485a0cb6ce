import type { Clock, Random } from '../../lib/clock.ts';
import { isAbortError } from '../../lib/errors.ts';
import type { KubeClient } from '../../lib/kube/client.ts';
import type { Pod } from '../../lib/kube/objects.ts';
import { type Change, Reflector } from '../../lib/kube/reflector.ts';
import { pods } from '../../lib/kube/resources.ts';
import type { Runnable } from '../../lib/lifecycle.ts';
import type { Logger } from '../../lib/log.ts';
import type { LogSource } from '../api/log-source.ts';
import { componentLabel, systemNamespace } from './installation.ts';

/** The end of a component that nobody asked for. */
export interface ComponentCrash {
  readonly pod: string;
  readonly namespace: string;
  /** `exit code 1`, `signal 9`. */
  readonly how: string;
}

export interface ComponentFollowerOptions {
  readonly client: Pick<KubeClient, 'list' | 'watch'>;
  readonly logs: LogSource;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** Every line that a component prints. */
  readonly onLine: (component: string, line: string) => void;
  readonly onCrash: (component: string, crash: ComponentCrash) => void;
}

type ContainerStatus = NonNullable<NonNullable<Pod['status']>['containerStatuses']>[number];

/** Tells what the components in the cluster print and when one of them dies, over all restarts and Pods. */
export class ComponentFollower implements Runnable {
  readonly name = 'component follower';
  readonly #options: ComponentFollowerOptions;
  readonly #pods: Reflector<Pod>;
  /** Runs that were seen, by Pod uid: each is followed, and its end told, once. */
  readonly #seen = new Map<string, Set<string>>();

  constructor(options: ComponentFollowerOptions) {
    this.#options = options;
    const scope = { namespace: systemNamespace, labelSelector: componentLabel };
    this.#pods = new Reflector({ ...options, ...scope, resource: pods });
  }

  async run(signal: AbortSignal): Promise<void> {
    this.#pods.onChange((change) => {
      this.#note(change, signal);
    });
    await this.#pods.run(signal);
  }

  #note({ type, object: pod }: Change<Pod>, signal: AbortSignal): void {
    const { uid = '' } = pod.metadata;
    if (type === 'delete') {
      this.#seen.delete(uid);
      return;
    }
    for (const status of pod.status?.containerStatuses ?? []) {
      if (status.state?.running !== undefined && this.#isNew(uid, `run ${status.restartCount}`)) {
        void this.#follow(pod, status.name, signal);
      }
      this.#noteEnd(pod, status);
    }
  }

  #noteEnd(pod: Pod, { state, lastState }: ContainerStatus): void {
    const end = state?.terminated ?? lastState?.terminated;
    // `Unknown` is the end of a run that this start of the cluster has not seen.
    const isExpected = pod.metadata.deletionTimestamp !== undefined || end?.reason === 'Unknown';
    if (end !== undefined && !isExpected && this.#isNew(pod.metadata.uid ?? '', `end ${String(end.containerID)}`)) {
      this.#options.onCrash(componentOf(pod), {
        pod: pod.metadata.name,
        namespace: systemNamespace,
        how: describeExit(end.exitCode),
      });
    }
  }

  #isNew(uid: string, what: string): boolean {
    const seen = this.#seen.get(uid) ?? new Set();
    const isNew = !seen.has(what);
    this.#seen.set(uid, seen.add(what));
    return isNew;
  }

  async #follow(pod: Pod, container: string, signal: AbortSignal): Promise<void> {
    const { logs, log, onLine } = this.#options;
    const decoder = new TextDecoder();
    let rest = '';
    try {
      const options = { follow: true, previous: false, timestamps: false };
      for await (const chunk of logs.open(pod, container, options, signal)) {
        const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
        rest = lines.pop() ?? '';
        lines.forEach((line) => {
          onLine(componentOf(pod), line);
        });
      }
    } catch (error) {
      if (!isAbortError(error, signal)) {
        log.warn('log not followed', { pod: pod.metadata.name, error });
      }
    }
  }
}

function componentOf({ metadata }: Pod): string {
  return metadata.labels?.[componentLabel] ?? '';
}

/** Above 128 stands a signal, as a shell says it. */
function describeExit(exitCode: number): string {
  return exitCode > 128 ? `signal ${exitCode - 128}` : `exit code ${exitCode}`;
}
