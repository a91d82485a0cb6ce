import type { Pod, PodStatus } from '../../../lib/kube/objects.ts';
import { pods } from '../../../lib/kube/resources.ts';
import { ignoreNotFound } from '../../../lib/kube/status-error.ts';
import type { Runnable } from '../../../lib/lifecycle.ts';
import { registerNode } from '../../node/node-object.ts';
import type { KubeletConnection } from '../../node/node.ts';
import type { Node } from '../resources.ts';

/** A node whose pods run at once and end at once, unless a test says otherwise. */
export class FakeKubelet {
  /** Whether a pod becomes Ready when it is seen. */
  isReady: (pod: Pod) => boolean = () => true;
  /** Whether a pod that is deleted goes at once; otherwise it stays, deleting, until `finish`. */
  letsGo: (pod: Pod) => boolean = () => true;
  readonly #cpu: string;
  #connection: KubeletConnection | undefined;

  constructor(options: { readonly cpu?: string } = {}) {
    this.#cpu = options.cpu ?? '100';
  }

  connect(connection: KubeletConnection): Runnable {
    this.#connection = connection;
    connection.caches.pods.onChange(({ type, object }) => {
      if (type === 'set' && object.spec.nodeName !== undefined) {
        void this.#sync(object);
      }
    });
    return {
      name: 'fake-kubelet',
      run: async (signal) => {
        const amounts = { cpu: this.#cpu, memory: '64Gi', pods: '110' };
        const node: Node = {
          apiVersion: 'v1',
          kind: 'Node',
          metadata: { name: 'node-1', labels: { disk: 'ssd' } },
          status: { capacity: amounts, allocatable: amounts },
        };
        await registerNode(connection.client, node);
        const { promise, resolve } = Promise.withResolvers<void>();
        signal.addEventListener('abort', () => {
          resolve();
        });
        await promise;
      },
    };
  }

  /** The pod's process ended, or became ready, by itself. */
  async report(pod: Pod, status: Partial<PodStatus>): Promise<void> {
    const patch = { status: { phase: 'Running', ...status } };
    const options = { fieldManager: 'kubelet', subresource: 'status' } as const;
    await this.#client.mergePatch(pods, pod.metadata, patch, options).catch(ignoreNotFound);
  }

  ready(pod: Pod, time = '2026-01-01T00:00:00Z'): Promise<void> {
    return this.report(pod, { conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: time }] });
  }

  async finish(pod: Pod): Promise<void> {
    await this.#client.delete(pods, pod.metadata, { gracePeriodSeconds: 0 }).catch(ignoreNotFound);
  }

  get #client(): KubeletConnection['client'] {
    if (this.#connection === undefined) {
      throw new Error('the node is not connected');
    }
    return this.#connection.client;
  }

  async #sync(pod: Pod): Promise<void> {
    if (pod.metadata.deletionTimestamp !== undefined) {
      await (this.letsGo(pod) ? this.finish(pod) : undefined);
    } else if (pod.status?.phase === 'Pending' && this.isReady(pod)) {
      await this.ready(pod);
    }
  }
}
