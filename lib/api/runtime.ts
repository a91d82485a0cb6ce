import type { KubeObject, PodSpec } from '../kube/objects.ts';

type Container = PodSpec['containers'][number];

/** How code of one language becomes a container. Cluster-scoped. */
export interface Runtime extends KubeObject {
  spec: RuntimeSpec;
}

export interface RuntimeSpec {
  image: string;
  port?: number;
  /** In order of preference; `source.inline` takes the first one's name. */
  entryFiles: string[];
  codePath?: string;
  resources?: NonNullable<Container['resources']>;
  securityContext?: NonNullable<Container['securityContext']>;
  pool?: { size?: number; namespaces?: { matchLabels?: Record<string, string> } };
  updates?: { policy?: 'Automatic' | 'OnNextChange'; maxParallel?: number };
}
