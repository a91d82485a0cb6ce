import { fieldManagers } from '../../lib/api/names.ts';
import type { Clock } from '../../lib/clock.ts';
import type { KubeClient } from '../../lib/kube/client.ts';
import { pods } from '../../lib/kube/resources.ts';
import type { PodState } from '../replicas/pod-state.ts';

export const deletionCostAnnotation = 'controller.kubernetes.io/pod-deletion-cost';

export interface DeletionCostDeps {
  readonly clock: Clock;
  readonly client: Pick<KubeClient, 'mergePatch'>;
}

/**
 * Tells the ReplicaSet which Pod to remove first. Costs are negative and fall with every decision, also over restarts
 * (they are Unix seconds, which fit the annotation's 32 bits until 2038): a mark that an earlier, abandoned decision
 * left behind never outranks the present one.
 */
export class DeletionCosts {
  readonly #deps: DeletionCostDeps;
  #last = 0;

  constructor(deps: DeletionCostDeps) {
    this.#deps = deps;
  }

  /** @throws what the client throws, with some of the Pods marked; marking them again does no harm. */
  async mark(victims: readonly PodState[], signal: AbortSignal): Promise<void> {
    this.#last = Math.max(this.#last + 1, Math.floor(this.#deps.clock.now() / 1000));
    const patch = { metadata: { annotations: { [deletionCostAnnotation]: String(-this.#last) } } };
    for (const { namespace, name } of victims) {
      await this.#deps.client.mergePatch(pods, { namespace, name }, patch, {
        fieldManager: fieldManagers.activator,
        signal,
      });
    }
  }
}
