import { expect, it } from 'vitest';
import { FakeClock } from '../../../lib/testing/fake-clock.ts';
import type { KubeObject, Pod } from '../../../lib/kube/objects.ts';
import { ApiCore } from './core.ts';

const context = { manager: 'tester', dryRun: false, validation: 'Ignore' } as const;

it('a Pod that is refused, for its form or by a quota, never reaches the node that would give it its ports', () => {
  const admitted: string[] = [];
  const podAdmission = (pod: Pod): Pod => {
    admitted.push(pod.metadata.name);
    return pod;
  };
  const core = new ApiCore({ clock: new FakeClock(), random: () => 0.5, podAdmission });
  const make = (plural: string, object: KubeObject): unknown =>
    core.create(core.registry.find('', 'v1', plural), object, context);
  const pod = (name: string, labels = {}): KubeObject =>
    ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace: 'shop', labels },
      spec: { containers: [{ name: 'c', image: 'i' }] },
    }) as KubeObject;
  make('namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } });
  const quota = { metadata: { name: 'one', namespace: 'shop' }, spec: { hard: { pods: '1' } } };
  make('resourcequotas', { apiVersion: 'v1', kind: 'ResourceQuota', ...quota });
  make('pods', pod('first'));
  expect(() => make('pods', pod('odd', { 'a b': 'c' }))).toThrow('metadata.labels: Invalid value');
  expect(() => make('pods', pod('second'))).toThrow('exceeded quota: one');
  expect(admitted).toEqual(['first']);
});
