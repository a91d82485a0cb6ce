import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../../lib/kube/objects.ts';
import { aPod } from '../testing/builders.ts';
import { decideDeletion, decideDependent, type DependentDecision, type OwnerState } from './decide.ts';

function owner(uid: string): { apiVersion: string; kind: string; name: string; uid: string } {
  return { apiVersion: 'v1', kind: 'ConfigMap', name: uid, uid };
}

describe('an object whose owners are', () => {
  const cases: { states: OwnerState[]; hasDependents?: boolean; finalizers?: string[]; want: DependentDecision }[] = [
    { states: ['present'], want: { kind: 'keep' } },
    { states: ['absent'], want: { kind: 'delete', propagationPolicy: 'Background' } },
    { states: ['absent', 'present'], want: { kind: 'release', keep: [owner('1')] } },
    { states: ['waiting', 'present'], want: { kind: 'release', keep: [owner('1')] } },
    { states: ['absent', 'absent'], want: { kind: 'delete', propagationPolicy: 'Background' } },
    { states: ['waiting'], want: { kind: 'delete', propagationPolicy: 'Background' } },
    { states: ['waiting'], hasDependents: true, want: { kind: 'delete', propagationPolicy: 'Foreground' } },
    { states: ['absent'], finalizers: ['orphan'], want: { kind: 'delete', propagationPolicy: 'Orphan' } },
  ];
  for (const { states, hasDependents = false, finalizers = [], want } of cases) {
    const with_ = `${hasDependents ? ', with dependents' : ''}${finalizers.length > 0 ? `, with ${finalizers.join()}` : ''}`;
    it(`${states.join(' and ')}${with_}: ${want.kind}`, () => {
      const object: KubeObject = aPod('p');
      object.metadata.finalizers = finalizers;
      const owners = states.map((state, index) => ({ reference: owner(String(index)), state }));
      expect(decideDependent(object, owners, hasDependents)).toEqual(want);
    });
  }

  it('gone, but which is being deleted already: keep', () => {
    const object: KubeObject = aPod('p');
    object.metadata.deletionTimestamp = '2026-01-01T00:00:00Z';
    expect(decideDependent(object, [{ reference: owner('0'), state: 'absent' }], false)).toEqual({ kind: 'keep' });
  });
});

describe('the deletion of an object', () => {
  const dependent = (blocks: boolean): KubeObject => ({
    ...aPod('d'),
    metadata: { name: 'd', ownerReferences: [{ ...owner('u'), blockOwnerDeletion: blocks }] },
  });
  const cases = [
    { name: 'in the background needs nothing', finalizers: [], dependents: [dependent(true)], want: 'none' },
    {
      name: 'in the foreground deletes dependents',
      finalizers: ['foregroundDeletion'],
      dependents: [dependent(true)],
      want: 'delete-dependents',
    },
    {
      name: 'in the foreground does not wait for those that do not block',
      finalizers: ['foregroundDeletion'],
      dependents: [dependent(false)],
      want: 'remove-finalizer',
    },
    {
      name: 'in the foreground ends after the last dependent',
      finalizers: ['foregroundDeletion'],
      dependents: [],
      want: 'remove-finalizer',
    },
    {
      name: 'as orphan disowns dependents',
      finalizers: ['orphan'],
      dependents: [dependent(true)],
      want: 'orphan-dependents',
    },
    { name: 'as orphan ends after that', finalizers: ['orphan'], dependents: [], want: 'remove-finalizer' },
    { name: 'leaves finalizers of others alone', finalizers: ['example.com/hold'], dependents: [], want: 'none' },
  ];
  for (const { name, finalizers, dependents, want } of cases) {
    it(name, () => {
      const metadata = { name: 'o', uid: 'u', finalizers, deletionTimestamp: '2026-01-01T00:00:00Z' };
      expect(decideDeletion({ ...aPod('o'), metadata }, dependents).kind).toBe(want);
    });
  }
});
