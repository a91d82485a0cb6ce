import { load } from 'js-yaml';
import { expect, it } from 'vitest';
import { nodeAddresses } from './addresses.ts';
import { bedFolders, nodeFolders } from './folders.ts';
import { kubeletConfig, networkConfig, type NodePlan } from './node-configuration.ts';
import { controlPlane, nodeProcesses } from './processes.ts';
import { startScript } from './start-script.ts';

const bed = bedFolders("/var/cache/it's");

function aPlan(index: number): NodePlan {
  const addresses = nodeAddresses(index);
  return { addresses, folders: nodeFolders(bed, addresses.name), bed, programs: '/programs' };
}

it('what needs the API server comes after it answers, the rest before', () => {
  const plan = aPlan(1);
  const script = startScript(plan, [...controlPlane(plan), ...nodeProcesses(plan)], []);
  const wait = script.indexOf('api-ready');
  const places = (names: readonly string[]): number[] => names.map((name) => script.indexOf(`'/programs/${name}'`));
  const before = places(['etcd', 'kube-apiserver', 'containerd']);
  const after = places(['kube-controller-manager', 'kube-scheduler', 'coredns', 'kubelet', 'kube-proxy']);
  expect([...before, ...after].every((place) => place > 0)).toBe(true);
  expect(Math.max(...before)).toBeLessThan(wait);
  expect(Math.min(...after)).toBeGreaterThan(wait);
});

it("a node has routes to the others' Pods and runs no control plane", () => {
  const plan = aPlan(2);
  const script = startScript(plan, nodeProcesses(plan), [nodeAddresses(1)]);
  expect(script).toContain('ip address add 198.18.0.2/24 dev eth0');
  expect(script).toContain('ip route add 198.18.128.0/24 via 198.18.0.1');
  expect(script).not.toContain('kube-apiserver');
});

it('a quote in a path stays a quote', () => {
  const plan = aPlan(1);
  expect(startScript(plan, nodeProcesses(plan), [])).toContain(
    `'--config=/var/cache/it'\\''s/bed/node-1/kubelet/config.yaml'`,
  );
});

it('nodes differ in what must differ', () => {
  const [first, second] = [1, 2].map(aPlan) as [NodePlan, NodePlan];
  expect(load(kubeletConfig(first))).toMatchObject({ cgroupRoot: '/flint-bed/node-1', cgroupDriver: 'cgroupfs' });
  expect(load(kubeletConfig(second))).toMatchObject({ cgroupRoot: '/flint-bed/node-2' });
  expect(networkConfig(first)).toContain('198.18.128.0/24');
  expect(networkConfig(second)).toContain('198.18.129.0/24');
});
