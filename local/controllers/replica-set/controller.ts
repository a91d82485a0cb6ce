import { Controller } from '../../../lib/kube/controller.ts';
import type { EventSink } from '../../../lib/kube/event-recorder.ts';
import { controllerOf } from '../../../lib/kube/owner-reference.ts';
import { keyOf } from '../../../lib/kube/store.ts';
import type { CacheDeps, Caches } from '../caches.ts';
import { ReplicaSetReconciler } from './reconciler.ts';

export interface ControllerDeps extends CacheDeps {
  readonly caches: Caches;
  readonly events: EventSink;
}

export function createReplicaSetController(deps: ControllerDeps): Controller {
  const { caches } = deps;
  const reconciler = new ReplicaSetReconciler({
    ...deps,
    replicaSets: caches.replicaSets.store,
    pods: caches.pods.store,
  });
  const controller = new Controller({
    ...deps,
    name: 'replica-set',
    reconciler,
    ready: [caches.replicaSets.synced, caches.pods.synced],
  });
  caches.replicaSets.onChange(({ object }) => {
    controller.enqueue(keyOf(object));
  });
  caches.pods.onChange((change) => {
    const concerned = reconciler.observe(change.object, change.type === 'delete');
    // A pod that changed hands concerns who had it before, too.
    const previous = change.type === 'set' ? change.previous : undefined;
    const former = previous === undefined || controllerOf(previous)?.uid === controllerOf(change.object)?.uid;
    const all = former ? concerned : [...concerned, ...reconciler.observe(previous, false)];
    for (const key of all) {
      controller.enqueue(key);
    }
  });
  return controller;
}
