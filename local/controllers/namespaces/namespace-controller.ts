import type { KubeClient } from '../../../lib/kube/client.ts';
import {
  Controller,
  after,
  done,
  type ReconcileKey,
  type Reconciler,
  type Result,
} from '../../../lib/kube/controller.ts';
import type { KubeObject } from '../../../lib/kube/objects.ts';
import { ofUid } from '../../../lib/kube/preconditions.ts';
import { events, namespaces, type Resource } from '../../../lib/kube/resources.ts';
import { ignoreNotFound, isAlreadyExists, isConflict, isNotFound } from '../../../lib/kube/status-error.ts';
import type { ReadonlyStore } from '../../../lib/kube/store.ts';
import type { CacheDeps, Caches } from '../caches.ts';
import { type Namespace, serviceAccounts } from '../resources.ts';

const fieldManager = 'kube-controller-manager';
/** In `spec.finalizers`, which it is born with: makes a namespace wait for its content. */
const contentFinalizer = 'kubernetes';
/** Pods need their grace; content that takes longer is looked at again this often. */
const recheckMs = 250;

interface NamespaceDeps {
  readonly client: KubeClient;
  readonly namespaces: ReadonlyStore<Namespace>;
  /** Every namespaced kind that is known now. */
  readonly kinds: () => readonly Resource[];
}

/** Gives every namespace its `default` ServiceAccount, and empties one that is being deleted before it goes. */
class NamespaceReconciler implements Reconciler {
  readonly #deps: NamespaceDeps;

  constructor(deps: NamespaceDeps) {
    this.#deps = deps;
  }

  async reconcile({ name }: ReconcileKey): Promise<Result> {
    const namespace = this.#deps.namespaces.get(name);
    if (namespace?.metadata.finalizers?.includes(contentFinalizer) === true) {
      await this.#dropFormerFinalizer(namespace);
    }
    if (namespace !== undefined && namespace.metadata.deletionTimestamp === undefined) {
      await this.#createServiceAccount(name);
      return done;
    }
    if ((await this.#empty(name)) > 0) {
      return after(recheckMs);
    }
    if (namespace !== undefined) {
      await this.#finalize(namespace);
    }
    return done;
  }

  async #createServiceAccount(namespace: string): Promise<void> {
    const account: KubeObject = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace } };
    if ((await this.#deps.client.get(serviceAccounts, account.metadata).catch(ignoreNotFound)) === undefined) {
      await this.#deps.client.create(serviceAccounts, account, { fieldManager }).catch(unless(isAlreadyExists));
    }
  }

  /** @returns how many objects were still there. */
  async #empty(namespace: string): Promise<number> {
    let found = 0;
    for (const resource of [...this.#deps.kinds(), events]) {
      for await (const page of this.#deps.client.list(resource, { namespace })) {
        found += page.items.length;
        await Promise.all(page.items.map((object) => this.#delete(resource, object)));
      }
    }
    return found;
  }

  async #delete(resource: Resource, object: KubeObject): Promise<void> {
    if (object.metadata.deletionTimestamp === undefined) {
      // A conflict: deleted and made anew meanwhile; the next look finds the new one.
      await this.#deps.client
        .delete(resource, object.metadata, ofUid(object))
        .catch(unless((error) => isNotFound(error) || isConflict(error)));
    }
  }

  /** It stood there at first, and may stand so in a data folder that is still in use. */
  async #dropFormerFinalizer({ metadata }: Namespace): Promise<void> {
    const { uid, resourceVersion } = metadata;
    const finalizers = (metadata.finalizers ?? []).filter((finalizer) => finalizer !== contentFinalizer);
    const patch = { metadata: { uid, resourceVersion, finalizers } };
    await this.#deps.client.mergePatch(namespaces, metadata, patch, { fieldManager }).catch(ignoreNotFound);
  }

  async #finalize(namespace: Namespace): Promise<void> {
    const finalizers = (namespace.spec?.finalizers ?? []).filter((finalizer) => finalizer !== contentFinalizer);
    const finalized = { ...namespace, spec: { ...namespace.spec, finalizers } };
    await this.#deps.client
      .update(namespaces as Resource<Namespace>, finalized, { fieldManager, subresource: 'finalize' })
      .catch(ignoreNotFound);
  }
}

/** Lets the expected refusal pass and throws every other error on. */
function unless(isExpected: (error: unknown) => boolean): (error: unknown) => void {
  return (error) => {
    if (!isExpected(error)) {
      throw error;
    }
  };
}

export interface NamespaceControllerDeps extends CacheDeps {
  readonly caches: Caches;
  readonly kinds: () => readonly Resource[];
}

export function createNamespaceController(deps: NamespaceControllerDeps): Controller {
  const { caches } = deps;
  const reconciler = new NamespaceReconciler({ ...deps, namespaces: caches.namespaces.store });
  const controller = new Controller({ ...deps, name: 'namespace', reconciler, ready: [caches.namespaces.synced] });
  caches.namespaces.onChange(({ object }) => {
    controller.enqueue(object.metadata.name);
  });
  return controller;
}

/** What every cluster starts with. */
const initialNamespaces = ['default', 'kube-system'];

/** Must be done before anything is applied: nothing can be created in a namespace that is not there. */
export async function createInitialNamespaces(client: Pick<KubeClient, 'create'>): Promise<void> {
  for (const name of initialNamespaces) {
    const namespace: KubeObject = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
    await client.create(namespaces, namespace, { fieldManager }).catch(unless(isAlreadyExists));
  }
}
