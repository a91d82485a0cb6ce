import type { KubeClient } from '../../../lib/kube/client.ts';
import { done, type ReconcileKey, type Reconciler, type Result } from '../../../lib/kube/controller.ts';
import type { KubeObject, OwnerReference } from '../../../lib/kube/objects.ts';
import { ofVersion } from '../../../lib/kube/preconditions.ts';
import { ignoreNotFound, isConflict, isNotFound } from '../../../lib/kube/status-error.ts';
import { decideDeletion, decideDependent, finalizers, type Owner, type OwnerState } from './decide.ts';
import type { KindTable } from './kinds.ts';
import { type GraphNode, type OwnershipGraph, ownersOf } from './ownership-graph.ts';

const fieldManager = 'kube-controller-manager';

export interface GarbageDeps {
  readonly client: Pick<KubeClient, 'get' | 'delete' | 'mergePatch'>;
  readonly graph: OwnershipGraph;
  readonly kinds: KindTable;
}

/** Deletes what has lost its last owner. Keys are uids: a new object of an old name is another object. */
export class GarbageReconciler implements Reconciler {
  readonly #deps: GarbageDeps;

  constructor(deps: GarbageDeps) {
    this.#deps = deps;
  }

  async reconcile({ name: uid }: ReconcileKey): Promise<Result> {
    const node = this.#deps.graph.get(uid);
    if (node !== undefined) {
      await this.#lookAfterDependents(node);
      await this.#lookAtOwners(node);
    }
    return done;
  }

  async #lookAfterDependents(node: GraphNode): Promise<void> {
    const uid = node.object.metadata.uid ?? '';
    const dependents = this.#deps.graph.dependentsOf(uid);
    const step = decideDeletion(
      node.object,
      dependents.map(({ object }) => object),
    );
    switch (step.kind) {
      case 'none':
        return;
      case 'orphan-dependents':
        await Promise.all(dependents.map((dependent) => this.#disown(dependent, uid)));
        return;
      case 'delete-dependents':
        await Promise.all(dependents.map((dependent) => this.#lookAtOwners(dependent)));
        return;
      case 'remove-finalizer': {
        const remaining = (node.object.metadata.finalizers ?? []).filter((one) => one !== step.finalizer);
        await this.#patch(node, { finalizers: remaining });
      }
    }
  }

  #disown(dependent: GraphNode, owner: string): Promise<void> {
    const references = dependent.object.metadata.ownerReferences ?? [];
    return this.#patch(dependent, { ownerReferences: references.filter(({ uid }) => uid !== owner) });
  }

  async #lookAtOwners(node: GraphNode): Promise<void> {
    const references = node.object.metadata.ownerReferences ?? [];
    if (references.length === 0) {
      return;
    }
    const owners = await Promise.all(references.map((reference) => this.#lookUp(node, reference)));
    const hasDependents = this.#deps.graph.dependentsOf(node.object.metadata.uid ?? '').length > 0;
    const decision = decideDependent(node.object, owners, hasDependents);
    if (decision.kind === 'release') {
      await this.#patch(node, { ownerReferences: decision.keep });
    } else if (decision.kind === 'delete') {
      await this.#delete(node, decision.propagationPolicy);
    }
  }

  /** The cache may be behind, or not know the kind yet; only the server's word makes an owner absent. */
  async #lookUp(node: GraphNode, reference: OwnerReference): Promise<Owner> {
    const known = this.#deps.graph.get(reference.uid);
    if (known !== undefined) {
      return { reference, state: stateOf(known) };
    }
    const resource = this.#deps.kinds.find(reference.apiVersion, reference.kind);
    if (resource === undefined) {
      // Of a kind that is not known yet nobody can say that the owner is gone: looked at again when the kind appears.
      const hasEnded = this.#deps.kinds.hasEnded(reference.apiVersion, reference.kind);
      return { reference, state: hasEnded ? 'absent' : 'present' };
    }
    const { namespace } = node.object.metadata;
    const scope = resource.namespaced && namespace !== undefined ? { namespace } : {};
    const live = await this.#deps.client.get(resource, { ...scope, name: reference.name }).catch(ignoreNotFound);
    return { reference, state: live?.metadata.uid === reference.uid ? 'present' : 'absent' };
  }

  /** The version guards against an owner that was added in between. */
  async #delete(
    { object, resource }: GraphNode,
    propagationPolicy: 'Background' | 'Foreground' | 'Orphan',
  ): Promise<void> {
    const options = { propagationPolicy, ...ofVersion(object) };
    await this.#deps.client.delete(resource, object.metadata, options).catch(ignoreNotFound);
  }

  async #patch(node: GraphNode, change: object): Promise<void> {
    const { uid, resourceVersion } = node.object.metadata;
    const patch = { metadata: { uid, resourceVersion, ...change } };
    try {
      await this.#deps.client.mergePatch(node.resource, node.object.metadata, patch, { fieldManager });
    } catch (error) {
      const isNewer = isConflict(error) && this.#deps.graph.get(uid ?? '')?.object !== node.object;
      // Gone already, or changed: the change that made it so brings its key back.
      if (!isNotFound(error) && !isNewer) {
        throw error;
      }
    }
  }
}

function stateOf({ object }: GraphNode): OwnerState {
  const isWaiting =
    object.metadata.deletionTimestamp !== undefined &&
    object.metadata.finalizers?.includes(finalizers.foreground) === true;
  return isWaiting ? 'waiting' : 'present';
}

/**
 * Whose keys to look at when this object changed or went: its dependents, itself, and owners, present and former ones, that
 * may wait for it.
 */
export function concernedBy(graph: OwnershipGraph, { object }: GraphNode, former: KubeObject | undefined): string[] {
  const uid = object.metadata.uid ?? '';
  const owners = [...ownersOf(object), ...(former === undefined ? [] : ownersOf(former))];
  const waiting = owners.filter((owner) => graph.get(owner)?.object.metadata.deletionTimestamp !== undefined);
  return [uid, ...waiting, ...graph.dependentsOf(uid).map((dependent) => dependent.object.metadata.uid ?? '')];
}
