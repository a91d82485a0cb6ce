import type { Clock, Random } from '../../lib/clock.ts';
import type { KubeClient } from '../../lib/kube/client.ts';
import { splitLines } from '../../lib/kube/lines.ts';
import type { Pod } from '../../lib/kube/objects.ts';
import type { Change } from '../../lib/kube/reflector.ts';
import { isInvalid } from '../../lib/kube/status-error.ts';
import type { Runnable } from '../../lib/lifecycle.ts';
import type { Logger } from '../../lib/log.ts';
import type { LogSource } from '../api/log-source.ts';
import type { CrashRecord } from '../console/lines.ts';
import { type ContainerStatus, PodFollower } from '../console/pod-follower.ts';
import { componentLabel, systemNamespace } from './installation.ts';

export interface ComponentFollowerOptions {
  readonly client: Pick<KubeClient, 'list' | 'watch'>;
  readonly logs: LogSource;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** Every line that a component prints. */
  readonly onLine: (component: string, line: string) => void;
  readonly onCrash: (component: string, crash: CrashRecord) => void;
}

const wholeLog = { follow: true, previous: false, timestamps: false };

/** Tells what the components in the cluster print and when one of them dies, over all restarts and Pods. */
export class ComponentFollower implements Runnable {
  readonly name = 'component follower';
  readonly #onCrash: ComponentFollowerOptions['onCrash'];
  readonly #pods: PodFollower;
  /** Ends that were told, by Pod uid. */
  readonly #told = new Map<string, Set<string>>();

  constructor(options: ComponentFollowerOptions) {
    const { logs, log, onLine, onCrash } = options;
    this.#onCrash = onCrash;
    this.#pods = new PodFollower({
      ...options,
      scope: { namespace: systemNamespace, labelSelector: componentLabel },
      open: (pod, container, signal) => splitLines(logs.open(pod, container, wholeLog, signal)),
      onLine: (pod, line) => {
        onLine(componentOf(pod), line);
      },
      onError: (pod, error) => {
        // A status of the last start says `running` until the kubelet has seen the Pod; there is no log before it runs again.
        if (!isInvalid(error)) {
          log.warn('log not followed', { pod: pod.metadata.name, error });
        }
      },
      onChange: (change) => {
        this.#note(change);
      },
    });
  }

  run(signal: AbortSignal): Promise<void> {
    return this.#pods.run(signal);
  }

  #note({ type, object: pod }: Change<Pod>): void {
    if (type === 'delete') {
      this.#told.delete(pod.metadata.uid ?? '');
    } else if (pod.metadata.deletionTimestamp === undefined) {
      pod.status?.containerStatuses?.forEach((status) => {
        this.#noteEnd(pod, status);
      });
    }
  }

  #noteEnd(pod: Pod, { state, lastState }: ContainerStatus): void {
    const end = state?.terminated ?? lastState?.terminated;
    // `Unknown` is the end of a run that this start of the cluster has not seen.
    if (end === undefined || end.reason === 'Unknown' || !this.#isNew(pod, String(end.containerID))) {
      return;
    }
    const { name } = pod.metadata;
    this.#onCrash(componentOf(pod), { pod: name, namespace: systemNamespace, how: describeExit(end.exitCode) });
  }

  #isNew({ metadata: { uid = '' } }: Pod, end: string): boolean {
    const told = this.#told.get(uid) ?? new Set<string>();
    const isNew = !told.has(end);
    this.#told.set(uid, told.add(end));
    return isNew;
  }
}

function componentOf({ metadata }: Pod): string {
  return metadata.labels?.[componentLabel] ?? '';
}

/** Above 128 stands a signal, as a shell says it. */
function describeExit(exitCode: number): string {
  return exitCode > 128 ? `signal ${exitCode - 128}` : `exit code ${exitCode}`;
}
