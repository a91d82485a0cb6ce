import { Controller } from '../../../lib/kube/controller.ts';
import { deployments, replicaSets } from '../../../lib/kube/resources.ts';
import { keyOf, makeKey } from '../../../lib/kube/store.ts';
import type { ControllerDeps } from '../replica-set/controller.ts';
import { matchesSelector } from '../selectors.ts';
import type { KubeObject } from '../../../lib/kube/objects.ts';
import { controllerOf } from '../../../lib/kube/owner-reference.ts';
import { DeploymentReconciler } from './reconciler.ts';

export function createDeploymentController(deps: ControllerDeps): Controller {
  const { caches } = deps;
  const controller = new Controller({
    ...deps,
    name: 'deployment',
    reconciler: new DeploymentReconciler({
      ...deps,
      deployments: caches.deployments.store,
      replicaSets: caches.replicaSets.store,
      pods: caches.pods.store,
    }),
    ready: [caches.deployments.synced, caches.replicaSets.synced, caches.pods.synced],
  });
  caches.deployments.onChange(({ object }) => {
    controller.enqueue(keyOf(object));
  });
  caches.replicaSets.onChange(({ object }) => {
    for (const key of concernedBy(object, deps)) {
      controller.enqueue(key);
    }
  });
  // Recreate waits until the last old pod is gone, which no ReplicaSet's status tells.
  caches.pods.onChange((change) => {
    const owner = change.type === 'delete' ? controllerOf(change.object) : undefined;
    if (owner?.kind === replicaSets.kind) {
      const set = caches.replicaSets.store.get(makeKey(change.object.metadata.namespace, owner.name));
      concernedBy(set, deps).forEach((key) => {
        controller.enqueue(key);
      });
    }
  });
  return controller;
}

/** The Deployment that controls the ReplicaSet, or those whose selector could adopt it. */
function concernedBy(set: KubeObject | undefined, { caches }: ControllerDeps): string[] {
  if (set === undefined) {
    return [];
  }
  const { namespace, labels } = set.metadata;
  const controller = controllerOf(set);
  if (controller !== undefined) {
    return controller.kind === deployments.kind ? [makeKey(namespace, controller.name)] : [];
  }
  return [...caches.deployments.store.values()]
    .filter(({ metadata, spec }) => metadata.namespace === namespace && matchesSelector(spec.selector, labels))
    .map(keyOf);
}
