import { describe, expect, it } from 'vitest';
import type { ReplicaSet } from '../../../lib/kube/objects.ts';
import { aDeployment, aPodSpec } from '../testing/builders.ts';
import { decideHistory, findNewSet, hashTemplate, makeReplicaSet } from './replica-sets.ts';

describe('the hash of a template', () => {
  it('is the same whatever the order of keys, and another for other content', () => {
    const hash = hashTemplate({ metadata: { labels: { a: '1', b: '2' } }, spec: aPodSpec() });
    expect(hashTemplate({ spec: aPodSpec(), metadata: { labels: { b: '2', a: '1' } } })).toBe(hash);
    expect(hashTemplate({ metadata: { labels: { a: '1', b: '3' } }, spec: aPodSpec() })).not.toBe(hash);
    expect(hash).toMatch(/^[bcdfghjklmnpqrstvwxz2456789]{10}$/u);
  });
});

describe('a ReplicaSet of a Deployment', () => {
  it('is found again by its template, and says how large it should be', () => {
    const deployment = aDeployment('hello', { replicas: 4 });
    const set = makeReplicaSet(deployment, 3, 7);
    expect(findNewSet(deployment, [set])).toBe(set);
    expect(
      findNewSet(aDeployment('hello', { template: { spec: aPodSpec({ image: 'other' }) } }), [set]),
    ).toBeUndefined();
    expect(set.metadata.annotations).toEqual({
      'deployment.kubernetes.io/revision': '7',
      'deployment.kubernetes.io/desired-replicas': '4',
      'deployment.kubernetes.io/max-replicas': '5',
    });
    expect(set.spec.selector.matchLabels).toEqual(set.spec.template?.metadata?.labels);
  });
});

describe('the history of a Deployment', () => {
  function aSet(
    revision: number,
    replicas = 0,
    status: NonNullable<ReplicaSet['status']> = { replicas: 0, observedGeneration: 1 },
  ): ReplicaSet {
    const set = makeReplicaSet(aDeployment('hello'), replicas, revision);
    return {
      ...set,
      metadata: { ...set.metadata, name: `r${revision}`, generation: 1 },
      status,
    };
  }
  const cases: { name: string; old: ReplicaSet[]; limit: number; want: string[] }[] = [
    { name: 'keeps what is within the limit', old: [aSet(1), aSet(2)], limit: 2, want: [] },
    { name: 'gives up the oldest first', old: [aSet(3), aSet(1), aSet(2)], limit: 1, want: ['r1', 'r2'] },
    { name: 'never gives up one with pods to be', old: [aSet(1, 1), aSet(2)], limit: 0, want: ['r2'] },
    {
      name: 'never gives up one that still has pods',
      old: [aSet(1, 0, { replicas: 1, observedGeneration: 1 })],
      limit: 0,
      want: [],
    },
    {
      name: 'never gives up one whose count is out of date',
      old: [aSet(1, 0, { replicas: 0, observedGeneration: 0 })],
      limit: 0,
      want: [],
    },
  ];
  for (const { name, old, limit, want } of cases) {
    it(name, () => {
      expect(decideHistory(old, limit).map(({ metadata }) => metadata.name)).toEqual(want);
    });
  }
});
