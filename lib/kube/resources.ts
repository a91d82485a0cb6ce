import type { ConfigMap, Deployment, KubeObject, Lease, Pod, ReplicaSet, Service } from './objects.ts';

/** Where a kind lives in the API. `T` only ties calls to the object's type. */
export interface Resource<T extends KubeObject = KubeObject> {
  /** '' for the core group. */
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly kind: string;
  readonly namespaced: boolean;
  readonly _type?: T;
}

/** The built-in kinds that Flint's components touch; Flint's own are in `lib/api/resources.ts`. */
export const pods: Resource<Pod> = core('pods', 'Pod');
export const configMaps: Resource<ConfigMap> = core('configmaps', 'ConfigMap');
export const services: Resource<Service> = core('services', 'Service');
export const secrets: Resource = core('secrets', 'Secret');
export const namespaces: Resource = { ...core('namespaces', 'Namespace'), namespaced: false };
export const deployments: Resource<Deployment> = apps('deployments', 'Deployment');
export const replicaSets: Resource<ReplicaSet> = apps('replicasets', 'ReplicaSet');
export const leases: Resource<Lease> = {
  group: 'coordination.k8s.io',
  version: 'v1',
  plural: 'leases',
  kind: 'Lease',
  namespaced: true,
};
export const events: Resource = {
  group: 'events.k8s.io',
  version: 'v1',
  plural: 'events',
  kind: 'Event',
  namespaced: true,
};

/** `v1`, or `group/version`. */
export function apiVersionOf(resource: Resource): string {
  return resource.group === '' ? resource.version : `${resource.group}/${resource.version}`;
}

function core<T extends KubeObject>(plural: string, kind: string): Resource<T> {
  return { group: '', version: 'v1', plural, kind, namespaced: true };
}

function apps<T extends KubeObject>(plural: string, kind: string): Resource<T> {
  return { group: 'apps', version: 'v1', plural, kind, namespaced: true };
}
