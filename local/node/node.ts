import { join } from 'node:path';
import type { Clock, Random } from '../../lib/clock.ts';
import type { KubeClient } from '../../lib/kube/client.ts';
import type { EventSink } from '../../lib/kube/event-recorder.ts';
import type { Pod } from '../../lib/kube/objects.ts';
import { StatusError } from '../../lib/kube/status-error.ts';
import type { Logger } from '../../lib/log.ts';
import type { LogSource } from '../api/log-source.ts';
import type { ServiceAccountTokens } from '../api/token-table.ts';
import type { Caches } from '../controllers/caches.ts';
import type { Environment } from './environment.ts';
import type { ImageTable } from './images.ts';
import { Kubelet } from './kubelet.ts';
import { readLog } from './log-reader.ts';
import { MemoryWatch } from './memory-watch.ts';
import type { NodeDescription } from './node-object.ts';
import { PortTable } from './ports.ts';
import { mountServiceAccountToken } from './service-account-token.ts';

export interface NodeOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** Absolute. Pods, their volumes, logs and the compile cache live in it. */
  readonly dataDir: string;
  readonly images: ImageTable;
  readonly description: NodeDescription;
  /** All that pods see of the machine's environment: PATH, TZ, LANG. */
  readonly baseEnv: Environment;
  /** For pods that ask for one; without it they stay without their volumes. */
  readonly tokens?: ServiceAccountTokens;
}

export interface KubeletConnection {
  readonly client: KubeClient;
  readonly caches: Caches;
  readonly events: EventSink;
}

/**
 * The one node of the embedded cluster. The API server needs two things of it before it exists for anybody: `admission`
 * and `logs`. Then `connect` makes the part that runs pods.
 */
export class EmbeddedNode {
  readonly #options: NodeOptions;
  readonly #ports: PortTable;
  #kubelet: Kubelet | undefined;

  constructor(options: NodeOptions) {
    this.#options = options;
    this.#ports = new PortTable(options);
  }

  /** Gives a new pod its ports and its token. @throws StatusError when there is no port left */
  readonly admission = (pod: Pod): Pod => mountServiceAccountToken(this.#ports.admit(pod));

  readonly logs: LogSource = {
    open: (pod, container, options, signal) => {
      const which = options.previous ? 'previous' : 'current';
      const log = this.#kubelet?.log(pod.metadata.uid ?? '', container, which);
      if (log === undefined) {
        throw makeNoLogError(pod, container, which);
      }
      const { sinceSeconds, ...rest } = options;
      const sinceMs = sinceSeconds === undefined ? {} : { sinceMs: this.#options.clock.now() - sinceSeconds * 1000 };
      return readLog(log, { ...rest, ...sinceMs }, signal);
    },
  };

  connect({ client, caches, events }: KubeletConnection): Kubelet {
    const { clock, dataDir } = this.#options;
    const kubelet = new Kubelet({
      ...this.#options,
      client,
      events,
      pods: caches.pods,
      configMaps: caches.configMaps,
      secrets: caches.secrets,
      tokens: this.#options.tokens,
      ports: this.#ports,
      memory: new MemoryWatch({ clock }),
      compileCache: join(dataDir, 'compile-cache'),
    });
    this.#kubelet = kubelet;
    return kubelet;
  }
}

function makeNoLogError(pod: Pod, container: string, which: 'current' | 'previous'): StatusError {
  const { name } = pod.metadata;
  const waiting = pod.status?.containerStatuses?.find((status) => status.name === container)?.state?.waiting;
  const why =
    which === 'previous'
      ? `previous terminated container "${container}" in pod "${name}" not found`
      : `container "${container}" in pod "${name}" is waiting to start: ${waiting?.reason ?? 'ContainerCreating'}`;
  return new StatusError({ code: 400, reason: 'BadRequest', message: why });
}
