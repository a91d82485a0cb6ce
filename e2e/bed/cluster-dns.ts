import type { KubeClient } from '../../lib/kube/client.ts';
import type { KubeObject } from '../../lib/kube/objects.ts';
import { type Resource, services } from '../../lib/kube/resources.ts';
import { network, nodeAddresses } from './addresses.ts';

const rbac = (plural: string, kind: string): Resource => ({
  group: 'rbac.authorization.k8s.io',
  version: 'v1',
  plural,
  kind,
  namespaced: false,
});

const endpointSlices: Resource = {
  group: 'discovery.k8s.io',
  version: 'v1',
  plural: 'endpointslices',
  kind: 'EndpointSlice',
  namespaced: true,
};

const ports = ['UDP', 'TCP'].map((protocol) => ({ name: protocol.toLowerCase(), port: 53, protocol }));
const metadata = { name: 'kube-dns', namespace: 'kube-system' };
const rules = [
  { apiGroups: [''], resources: ['services', 'namespaces', 'pods'], verbs: ['list', 'watch'] },
  { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['list', 'watch'] },
];

/** CoreDNS runs as a program of the first node; what it may read, and the Service that Pods find it by. */
const objects: readonly (readonly [Resource, KubeObject])[] = [
  [
    rbac('clusterroles', 'ClusterRole'),
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: { name: 'coredns' },
      rules,
    } as KubeObject,
  ],
  [
    rbac('clusterrolebindings', 'ClusterRoleBinding'),
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: { name: 'coredns' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'coredns' },
      subjects: [{ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: 'coredns' }],
    } as KubeObject,
  ],
  [
    services,
    { apiVersion: 'v1', kind: 'Service', metadata, spec: { clusterIP: network.dnsService, ports } } as KubeObject,
  ],
  [
    endpointSlices,
    {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { ...metadata, labels: { 'kubernetes.io/service-name': metadata.name } },
      addressType: 'IPv4',
      endpoints: [{ addresses: [nodeAddresses(1).address] }],
      ports,
    } as KubeObject,
  ],
];

export async function applyClusterDns(client: Pick<KubeClient, 'apply'>): Promise<void> {
  for (const [resource, object] of objects) {
    await client.apply(resource, object, { fieldManager: 'flint-bed', force: true });
  }
}
