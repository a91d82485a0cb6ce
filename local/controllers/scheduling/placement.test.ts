import { describe, expect, it } from 'vitest';
import type { Node } from '../resources.ts';
import { aPod, aPodSpec } from '../testing/builders.ts';
import { type Amount, decidePlacement, requestsOf } from './placement.ts';

function aNode(name: string, changes: Partial<Node> = {}): Node {
  const allocatable = { cpu: '2', memory: '4Gi', pods: '10' };
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels: { disk: 'ssd' } },
    status: { allocatable },
    ...changes,
  };
}

const nothing: Amount = { cpu: 0, memory: 0, pods: 0 };

describe('a pod', () => {
  const cases: {
    name: string;
    requests?: Record<string, string>;
    selector?: Record<string, string>;
    node?: Node;
    used?: Partial<Amount>;
    want: string;
  }[] = [
    { name: 'without requests fits anywhere', used: { cpu: 9 }, want: 'node' },
    { name: 'fits exactly', requests: { cpu: '500m' }, used: { cpu: 1.5 }, want: 'node' },
    {
      name: 'does not fit by cpu',
      requests: { cpu: '501m' },
      used: { cpu: 1.5 },
      want: '0/1 nodes are available: 1 Insufficient cpu.',
    },
    {
      name: 'does not fit by anything',
      requests: { cpu: '3', memory: '5Gi' },
      used: { pods: 10 },
      want: '0/1 nodes are available: 1 Insufficient cpu, 1 Insufficient memory, 1 Too many pods.',
    },
    {
      name: 'wants another kind of node',
      selector: { disk: 'hdd' },
      want: "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector.",
    },
    { name: 'gets the kind of node it wants', selector: { disk: 'ssd' }, want: 'node' },
    {
      name: 'does not go to a cordoned node',
      node: aNode('node', { spec: { unschedulable: true } }),
      want: '0/1 nodes are available: 1 node(s) were unschedulable.',
    },
  ];
  for (const { name, requests = {}, selector, node = aNode('node'), used, want } of cases) {
    it(name, () => {
      const pod = aPod(
        'p',
        aPodSpec({ resources: { requests } }, selector === undefined ? {} : { nodeSelector: selector }),
      );
      const placement = decidePlacement(pod, [{ node, used: { ...nothing, ...used } }]);
      expect(placement.kind === 'bind' ? placement.nodeName : placement.message).toBe(want);
    });
  }

  it('without any node says so', () => {
    expect(decidePlacement(aPod('p'), [])).toEqual({
      kind: 'unschedulable',
      message: 'no nodes available to schedule pods',
    });
  });

  it('asks for what its containers ask for together, or one init container alone', () => {
    const container = (cpu: string): { name: string; resources: object } => ({
      name: cpu,
      resources: { requests: { cpu } },
    });
    const pod = aPod('p', { containers: [container('1'), container('250m')], initContainers: [container('3')] });
    expect(requestsOf(pod)).toEqual({ cpu: 3, memory: 0, pods: 1 });
  });

  it('with a limit and no request asks for the limit', () => {
    expect(requestsOf(aPod('p', aPodSpec({ resources: { limits: { memory: '1Ki' } } }))).memory).toBe(1024);
  });
});
