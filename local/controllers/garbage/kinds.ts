import { leases, services, type Resource } from '../../../lib/kube/resources.ts';
import { serviceAccounts } from '../resources.ts';

/** Built-in kinds, beside those that other controllers watch, whose objects may have owners or be owners. */
export const ownedKinds: readonly Resource[] = [
  services,
  serviceAccounts,
  leases,
  { group: 'policy', version: 'v1', plural: 'poddisruptionbudgets', kind: 'PodDisruptionBudget', namespaced: true },
  { group: 'networking.k8s.io', version: 'v1', plural: 'networkpolicies', kind: 'NetworkPolicy', namespaced: true },
  rbac('roles', 'Role'),
  rbac('rolebindings', 'RoleBinding'),
];

function rbac(plural: string, kind: string): Resource {
  return { group: 'rbac.authorization.k8s.io', version: 'v1', plural, kind, namespaced: true };
}

/** Kinds by what an owner reference says of them, group and kind: any version names the same objects. */
export class KindTable {
  readonly #resources = new Map<string, Resource>();
  /** Kinds whose definition was deleted: none of their objects exists any more. */
  readonly #ended = new Set<string>();

  add(resource: Resource): void {
    const key = keyOf(resource.group, resource.kind);
    this.#ended.delete(key);
    this.#resources.set(key, resource);
  }

  end(resource: Resource): void {
    const key = keyOf(resource.group, resource.kind);
    this.#resources.delete(key);
    this.#ended.add(key);
  }

  find(apiVersion: string, kind: string): Resource | undefined {
    return this.#resources.get(keyOf(groupOf(apiVersion), kind));
  }

  hasEnded(apiVersion: string, kind: string): boolean {
    return this.#ended.has(keyOf(groupOf(apiVersion), kind));
  }

  namespaced(): readonly Resource[] {
    return [...this.#resources.values()].filter((resource) => resource.namespaced);
  }
}

function keyOf(group: string, kind: string): string {
  return `${kind}.${group}`;
}

function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf('/');
  return slash < 0 ? '' : apiVersion.slice(0, slash);
}
