import { expect, it } from 'vitest';
import { find, render } from '../charts/tests/chart.ts';
import type { Pod, Service } from '../lib/kube/objects.ts';
import { tellStories } from './framework/story.ts';

/**
 * Objects of the chart that only say which Pods and ports they mean, read off the Pods that run: not every network enforces
 * policies, that of the bed does not, and not every cluster has Prometheus.
 */

const story = tellStories();

interface LabelSelector {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly {
    readonly key: string;
    readonly operator: 'In' | 'NotIn';
    readonly values: readonly string[];
  }[];
}

interface NetworkPolicy {
  readonly spec: {
    readonly podSelector: LabelSelector;
    readonly ingress: readonly { readonly ports: readonly { readonly port: string }[] }[];
  };
}

interface PodMonitor {
  readonly spec: {
    readonly selector: LabelSelector;
    readonly podMetricsEndpoints: readonly { readonly port: string; readonly path: string }[];
  };
}

interface ServiceMonitor {
  readonly spec: {
    readonly selector: { readonly matchLabels: Readonly<Record<string, string>> };
    readonly endpoints: readonly { readonly port: string; readonly path: string }[];
  };
}

async function podsOf({ matchLabels = {}, matchExpressions = [] }: LabelSelector): Promise<Pod[]> {
  const selector = [
    ...Object.entries(matchLabels).map((pair) => pair.join('=')),
    ...matchExpressions.map(({ key, operator, values }) => `${key} ${operator.toLowerCase()} (${values.join()})`),
  ].join();
  const args = ['get', 'pods', '--namespace=flint-system', `--selector=${selector}`];
  return (await story.kubectl.json<{ items: Pod[] }>(...args)).items;
}

function portsOf({ spec }: Pod): string[] {
  return spec.containers.flatMap(({ ports = [] }) => ports.map(({ name = '' }) => name)).toSorted();
}

function componentOf({ metadata }: Pod): string | undefined {
  return metadata.labels?.['app.kubernetes.io/component'];
}

it.for([
  { component: 'operator', ports: ['admin'] },
  { component: 'activator', ports: ['admin', 'http'] },
])('the network policy of the $component is about its Pods alone, and opens all that they listen on', async (row) => {
  const objects = await render({ networkPolicies: { enabled: true } });
  const { spec } = find(objects, 'NetworkPolicy', `flint-${row.component}`) as unknown as NetworkPolicy;
  const pods = await podsOf(spec.podSelector);
  expect(new Set(pods.map(componentOf))).toEqual(new Set([row.component]));
  const opened = spec.ingress.flatMap(({ ports }) => ports.map(({ port }) => port));
  expect(opened.toSorted()).toEqual(row.ports);
  for (const pod of pods) {
    expect(portsOf(pod)).toEqual(row.ports);
  }
});

it('the PodMonitor finds the Pods of both components, by a port that each of them has', async () => {
  const { spec } = find(
    await render({ podMonitor: { enabled: true } }),
    'PodMonitor',
    'flint',
  ) as unknown as PodMonitor;
  const pods = await podsOf(spec.selector);
  expect(new Set(pods.map(componentOf))).toEqual(new Set(['operator', 'activator']));
  expect(spec.podMetricsEndpoints).toMatchObject([{ port: 'admin', path: '/metrics' }]);
  for (const pod of pods) {
    expect(portsOf(pod)).toContain('admin');
  }
});

it('the ServiceMonitor finds a Service of each component, which finds its Pods by a port that they have', async () => {
  const objects = await render({ serviceMonitor: { enabled: true } });
  const { spec } = find(objects, 'ServiceMonitor', 'flint') as unknown as ServiceMonitor;
  const { matchLabels } = spec.selector;
  const services = objects.filter(({ kind }) => kind === 'Service') as unknown as Service[];
  const found = services.filter(({ metadata }) =>
    Object.entries(matchLabels).every(([name, value]) => metadata.labels?.[name] === value),
  );
  expect(found.map(({ metadata }) => metadata.name).toSorted()).toEqual([
    'flint-activator-metrics',
    'flint-operator-metrics',
  ]);
  expect(spec.endpoints).toMatchObject([{ port: 'admin', path: '/metrics' }]);
  for (const service of found) {
    expect(service.spec.ports).toMatchObject([{ name: 'admin', targetPort: 'admin' }]);
    const pods = await podsOf({ matchLabels: service.spec.selector ?? {} });
    expect(new Set(pods.map(componentOf))).toEqual(new Set([service.metadata.labels?.['app.kubernetes.io/component']]));
    expect(pods.every((pod) => portsOf(pod).includes('admin'))).toBe(true);
  }
});
