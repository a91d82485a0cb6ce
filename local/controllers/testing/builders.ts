import type { Deployment, Pod } from '../../../lib/kube/objects.ts';

type PodSpec = Pod['spec'];

export function aPodSpec(container: Partial<PodSpec['containers'][number]> = {}, spec: Partial<PodSpec> = {}): PodSpec {
  return { containers: [{ name: 'main', image: 'app', ...container }], ...spec };
}

export function aPod(name: string, spec: PodSpec = aPodSpec()): Pod {
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'default' }, spec };
}

export function aDeployment(name: string, spec: Partial<Deployment['spec']> = {}): Deployment {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: 'default' },
    spec: {
      replicas: 1,
      selector: { matchLabels: { app: name } },
      template: { metadata: { labels: { app: name } }, spec: aPodSpec() },
      ...spec,
    },
  };
}
