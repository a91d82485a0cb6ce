import type { Condition, KubeObject } from '../../lib/kube/objects.ts';
import type { Resource } from '../../lib/kube/resources.ts';

export interface Node extends KubeObject {
  spec?: { unschedulable?: boolean };
  status?: {
    capacity?: Record<string, string>;
    allocatable?: Record<string, string>;
    addresses?: { type: string; address: string }[];
    conditions?: Condition[];
    nodeInfo?: Record<string, string>;
  };
}

export interface Namespace extends KubeObject {
  spec?: { finalizers?: string[] };
  status?: { phase?: string };
}

export interface CustomResourceDefinition extends KubeObject {
  spec: {
    group: string;
    names: { plural: string; kind: string };
    scope: 'Namespaced' | 'Cluster';
    versions: { name: string; served: boolean; storage: boolean }[];
  };
}

export interface Secret extends KubeObject {
  /** Base64. */
  data?: Record<string, string>;
  type?: string;
}

export const nodes: Resource<Node> = { group: '', version: 'v1', plural: 'nodes', kind: 'Node', namespaced: false };
export const serviceAccounts: Resource = {
  group: '',
  version: 'v1',
  plural: 'serviceaccounts',
  kind: 'ServiceAccount',
  namespaced: true,
};
export const customResourceDefinitions: Resource<CustomResourceDefinition> = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  plural: 'customresourcedefinitions',
  kind: 'CustomResourceDefinition',
  namespaced: false,
};

/** Where the objects of a definition live: its storage version, the one that is always served in full. */
export function resourceOf(definition: CustomResourceDefinition): Resource | undefined {
  const { group, names, scope, versions } = definition.spec;
  const version = versions.find((candidate) => candidate.storage && candidate.served) ?? versions.find((v) => v.served);
  if (version === undefined) {
    return undefined;
  }
  return { group, version: version.name, plural: names.plural, kind: names.kind, namespaced: scope === 'Namespaced' };
}
