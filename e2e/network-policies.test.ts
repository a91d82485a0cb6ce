import { expect, it } from 'vitest';
import { find, render } from '../charts/tests/chart.ts';
import type { Pod } from '../lib/kube/objects.ts';
import { tellStories } from './framework/story.ts';

/** Not every network enforces policies, that of the bed does not: what they would let through is read off the Pods that run. */

const story = tellStories();

interface NetworkPolicy {
  readonly spec: {
    readonly podSelector: { readonly matchLabels: Readonly<Record<string, string>> };
    readonly ingress: readonly { readonly ports: readonly { readonly port: string }[] }[];
  };
}

async function podsOf(labels: Readonly<Record<string, string>>): Promise<Pod[]> {
  const selector = Object.entries(labels)
    .map((pair) => pair.join('='))
    .join(',');
  const args = ['get', 'pods', '--namespace=flint-system', `--selector=${selector}`];
  return (await story.kubectl.json<{ items: Pod[] }>(...args)).items;
}

it.for([
  { component: 'operator', ports: ['admin'] },
  { component: 'activator', ports: ['admin', 'http'] },
])('the policy of the $component is about its Pods alone, and opens all that they listen on', async (row) => {
  const objects = await render({ networkPolicies: { enabled: true } });
  const { spec } = find(objects, 'NetworkPolicy', `flint-${row.component}`) as unknown as NetworkPolicy;
  const pods = await podsOf(spec.podSelector.matchLabels);
  expect(pods.length).toBeGreaterThan(0);
  const opened = spec.ingress.flatMap(({ ports }) => ports.map(({ port }) => port));
  expect(opened.toSorted()).toEqual(row.ports);
  for (const { metadata, spec: podSpec } of pods) {
    expect(metadata.labels).toMatchObject({ 'app.kubernetes.io/component': row.component });
    const named = podSpec.containers.flatMap(({ ports = [] }) => ports.map(({ name }) => name));
    expect(named.toSorted()).toEqual(row.ports);
  }
});
