import { labels } from '../lib/api/names.ts';
import type { KubeObject } from '../lib/kube/objects.ts';
import { controllerOf } from '../lib/kube/owner-reference.ts';
import { keyOf, makeKey, type ObjectKey } from '../lib/kube/store.ts';
import type { Caches } from './caches.ts';

/** The part of a controller that a change needs. */
export interface Enqueuer {
  enqueue(key: ObjectKey): void;
}

/** What may change a function's situation: itself, its Revisions and Service, its Runtime, the ConfigMap with its code. */
export function enqueueFunctions(caches: Caches, controller: Enqueuer): void {
  const { functions, revisions, services, runtimes, configMaps } = caches;
  functions.onChange(({ object }) => {
    controller.enqueue(keyOf(object));
  });
  revisions.onChange(({ object }) => {
    // Not by the label, which anybody can take off.
    const owner = controllerOf(object);
    if (owner !== undefined) {
      controller.enqueue(makeKey(object.metadata.namespace, owner.name));
    }
  });
  services.onChange(({ object }) => {
    // A function's Service has its name, whoever it belongs to.
    if (functions.store.get(keyOf(object)) !== undefined) {
      controller.enqueue(keyOf(object));
    }
  });
  runtimes.onChange(({ object }) => {
    enqueueAll(controller, functions.store.byIndex('runtime', object.metadata.name));
  });
  configMaps.onChange(({ object }) => {
    enqueueAll(controller, functions.store.byIndex('configMap', keyOf(object)));
    // A Revision's code has its name, whoever it belongs to.
    const revision = revisions.store.get(keyOf(object));
    if (revision !== undefined) {
      controller.enqueue(makeKey(revision.metadata.namespace, revision.spec.functionName));
    }
  });
}

/** What may change a Revision's: itself, the Function with its live settings, its Deployment, Pods and code. */
export function enqueueRevisions(caches: Caches, controller: Enqueuer): void {
  const { functions, revisions, deployments, pods, configMaps } = caches;
  revisions.onChange(({ object }) => {
    controller.enqueue(keyOf(object));
  });
  functions.onChange(({ object }) => {
    enqueueAll(controller, revisions.store.byIndex('owner', object.metadata.uid ?? ''));
  });
  for (const children of [deployments, pods]) {
    children.onChange(({ object }: { readonly object: KubeObject }) => {
      enqueueLabelled(controller, object, labels.revision);
    });
  }
  configMaps.onChange(({ object }) => {
    if (revisions.store.get(keyOf(object)) !== undefined) {
      controller.enqueue(keyOf(object));
    }
  });
}

function enqueueAll(controller: Enqueuer, objects: readonly KubeObject[]): void {
  for (const object of objects) {
    controller.enqueue(keyOf(object));
  }
}

function enqueueLabelled(controller: Enqueuer, { metadata }: KubeObject, label: string): void {
  const name = metadata.labels?.[label];
  if (name !== undefined) {
    controller.enqueue(makeKey(metadata.namespace, name));
  }
}
