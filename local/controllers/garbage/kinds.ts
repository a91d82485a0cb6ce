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

  add(resource: Resource): void {
    this.#resources.set(`${resource.kind}.${resource.group}`, resource);
  }

  remove(resource: Resource): void {
    this.#resources.delete(`${resource.kind}.${resource.group}`);
  }

  find(apiVersion: string, kind: string): Resource | undefined {
    const slash = apiVersion.indexOf('/');
    return this.#resources.get(`${kind}.${slash < 0 ? '' : apiVersion.slice(0, slash)}`);
  }

  namespaced(): readonly Resource[] {
    return [...this.#resources.values()].filter((resource) => resource.namespaced);
  }
}
