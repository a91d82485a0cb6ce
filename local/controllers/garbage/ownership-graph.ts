import type { KubeObject } from '../../../lib/kube/objects.ts';
import type { Resource } from '../../../lib/kube/resources.ts';

export interface GraphNode {
  readonly resource: Resource;
  readonly object: KubeObject;
}

/** Every object by uid, and who depends on whom. It holds what the caches hold, and copies nothing. */
export class OwnershipGraph {
  readonly #nodes = new Map<string, GraphNode>();
  /** owner → dependents, by uid */
  readonly #dependents = new Map<string, Set<string>>();

  get(uid: string): GraphNode | undefined {
    return this.#nodes.get(uid);
  }

  dependentsOf(uid: string): readonly GraphNode[] {
    return [...(this.#dependents.get(uid) ?? [])].flatMap((dependent) => this.#nodes.get(dependent) ?? []);
  }

  nodes(): IterableIterator<GraphNode> {
    return this.#nodes.values();
  }

  set(resource: Resource, object: KubeObject): void {
    const uid = object.metadata.uid ?? '';
    this.delete(uid);
    this.#nodes.set(uid, { resource, object });
    for (const owner of ownersOf(object)) {
      const dependents = this.#dependents.get(owner) ?? new Set();
      dependents.add(uid);
      this.#dependents.set(owner, dependents);
    }
  }

  delete(uid: string): void {
    const node = this.#nodes.get(uid);
    this.#nodes.delete(uid);
    for (const owner of node === undefined ? [] : ownersOf(node.object)) {
      const dependents = this.#dependents.get(owner);
      dependents?.delete(uid);
      if (dependents?.size === 0) {
        this.#dependents.delete(owner);
      }
    }
  }
}

export function ownersOf(object: KubeObject): string[] {
  return (object.metadata.ownerReferences ?? []).map(({ uid }) => uid);
}
