import { functions } from '../../lib/api/resources.ts';
import type { FunctionObject, LiveSpec } from '../../lib/api/function.ts';
import type { KubeClient } from '../../lib/kube/client.ts';
import { configMaps } from '../../lib/kube/resources.ts';
import type { FunctionObjects } from './function-of.ts';

export const namespace = 'default';
const applied = { fieldManager: 'flint-dev', force: true };

/**
 * What only the loop wants: one replica is warm all the time, and the one of the code before goes soon. All of it is live, so
 * the Revision has the name that the printed YAML gives it too.
 */
const whileDeveloping: LiveSpec = {
  scaling: { minReplicas: 1, idleTimeout: '1s', window: '6s' },
  timeouts: { drain: '5s' },
  revisionHistoryLimit: 1,
};

/** Applies one function again and again, and writes only what differs from last time. */
export class FunctionApplier {
  readonly #client: Pick<KubeClient, 'apply'>;
  #last = '';

  constructor(client: Pick<KubeClient, 'apply'>) {
    this.#client = client;
  }

  /** Whether there is anything to write. */
  differs(objects: FunctionObjects): boolean {
    return textOf(objects) !== this.#last;
  }

  async apply(objects: FunctionObjects): Promise<void> {
    if (!this.differs(objects)) {
      return;
    }
    const { fn, configMap } = objects;
    // First, so that the function never names one that is not there.
    if (configMap !== undefined) {
      await this.#client.apply(configMaps, { ...configMap, metadata: { ...configMap.metadata, namespace } }, applied);
    }
    const whole: FunctionObject = {
      ...fn,
      metadata: { ...fn.metadata, namespace },
      spec: { ...fn.spec, ...whileDeveloping },
    };
    await this.#client.apply(functions, whole, applied);
    this.#last = textOf(objects);
  }
}

function textOf({ fn, configMap }: FunctionObjects): string {
  return JSON.stringify([fn, configMap]);
}
