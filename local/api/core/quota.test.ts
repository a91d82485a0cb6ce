import { describe, expect, it } from 'vitest';
import type { Pod } from '../../../lib/kube/objects.ts';
import { makeBuiltInKinds } from '../kinds/builtin.ts';
import { checkQuotas, type ResourceQuota } from './quota.ts';

const kind = makeBuiltInKinds().find((candidate) => candidate.kind === 'Pod');

type Resources = Pod['spec']['containers'][number]['resources'];

function aPod(name: string, resources: Resources = {}, phase = 'Running'): Pod {
  const containers = [{ name: 'c', image: 'i', resources }];
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'shop' },
    spec: { containers },
    status: { phase },
  };
}

function aQuota(hard: Record<string, string>): ResourceQuota {
  return { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'small', namespace: 'shop' }, spec: { hard } };
}

/** What is said to one Pod more. */
function said(pod: Pod, hard: Record<string, string>, others: readonly Pod[] = []): string | undefined {
  if (kind === undefined) {
    throw new Error('there are no Pods');
  }
  try {
    checkQuotas({ kind, pod, others }, [aQuota({ 'count/configmaps': '0' }), aQuota(hard)]);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

const half = { requests: { cpu: '500m', memory: '64Mi' } };

describe('a quota', () => {
  it('lets in what fits, to the last byte', () => {
    expect(
      said(aPod('b', half), { 'requests.memory': '128Mi', cpu: '1', pods: '2' }, [aPod('a', half)]),
    ).toBeUndefined();
  });

  it('refuses what is too much, with what is wanted, used and allowed', () => {
    const hard = { 'requests.memory': '100Mi', 'requests.cpu': '900m', pods: '9' };
    expect(said(aPod('b', half), hard, [aPod('a', half)])).toBe(
      'pods "b" is forbidden: exceeded quota: small, requested: requests.cpu=500m,requests.memory=64Mi, ' +
        'used: requests.cpu=500m,requests.memory=64Mi, limited: requests.cpu=900m,requests.memory=100Mi',
    );
  });

  it('of a count refuses one Pod too many, and does not count those that are done', () => {
    expect(said(aPod('b'), { pods: '1' }, [aPod('a', {}, 'Succeeded')])).toBeUndefined();
    expect(said(aPod('b'), { 'count/pods': '1' }, [aPod('a')])).toContain(
      'requested: count/pods=1, used: count/pods=1',
    );
  });

  it('refuses a Pod that does not state what it bounds', () => {
    expect(said(aPod('b', half), { 'limits.memory': '1Gi' })).toBe(
      'pods "b" is forbidden: failed quota: small: must specify limits.memory for: c',
    );
  });

  it('takes a limit for the request that is not stated', () => {
    expect(said(aPod('b', { limits: { memory: '2Gi' } }), { memory: '1Gi' })).toContain('requested: memory=2Gi');
  });
});
