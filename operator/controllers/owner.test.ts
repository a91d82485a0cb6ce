import { describe, expect, it } from 'vitest';
import type { KubeObject, ObjectMeta, OwnerReference } from '../../lib/kube/objects.ts';
import { makeControllerReference } from '../../lib/kube/owner-reference.ts';
import { aFunction } from '../testing/builders.ts';
import { claimOf, identityOf, isOwnedBy } from './owner.ts';

const owner = aFunction();
const ours = makeControllerReference(owner);
const deleted = { deletionTimestamp: '2026-01-01T00:00:00Z' };

function child(ownerReferences: OwnerReference[], metadata: Partial<ObjectMeta> = {}): KubeObject {
  return { apiVersion: 'v1', kind: 'Service', metadata: { name: 'hello', ownerReferences, ...metadata } };
}

describe('I3: a child', () => {
  const cases = [
    { name: 'of this uid is ours', object: child([ours]), want: 'ours' },
    { name: 'of ours on its way out is leaving', object: child([ours], deleted), want: 'leaving' },
    { name: 'of a predecessor is leaving', object: child([{ ...ours, uid: 'old' }]), want: 'leaving' },
    { name: 'of nobody is foreign', object: child([]), want: 'foreign' },
    { name: 'of nobody on its way out is leaving', object: child([], deleted), want: 'leaving' },
    {
      name: 'of a namesake of another kind is foreign',
      object: child([{ ...ours, uid: 'x', kind: 'Other' }]),
      want: 'foreign',
    },
    {
      name: 'of a namesake of another platform is foreign',
      object: child([{ ...ours, uid: 'x', apiVersion: 'openfaas.com/v1' }]),
      want: 'foreign',
    },
    {
      name: 'of a predecessor in another version of the API is leaving',
      object: child([{ ...ours, uid: 'old', apiVersion: 'flint.dev/v1' }]),
      want: 'leaving',
    },
    { name: 'of another function is foreign', object: child([{ ...ours, uid: 'x', name: 'other' }]), want: 'foreign' },
    {
      name: 'that only refers to us is foreign: somebody else controls it',
      object: child([
        { ...ours, controller: false },
        { ...ours, uid: 'x', name: 'other' },
      ]),
      want: 'foreign',
    },
  ];
  it.each(cases)('$name', ({ object, want }) => {
    expect(claimOf(object, owner)).toBe(want);
    expect(isOwnedBy(object, owner)).toBe(object.metadata.ownerReferences?.[0] === ours);
  });
});

it('I3: an object of nobody is not ours', () => {
  expect(isOwnedBy({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'hello' } }, owner)).toBe(false);
});

it('I3: an object is named by its uid, so that a namesake is not meant', () => {
  expect(identityOf(owner)).toEqual({ name: 'hello', namespace: 'shop', uid: 'uid-of-hello' });
  expect(identityOf({ apiVersion: 'v1', kind: 'X', metadata: { name: 'hello' } })).toEqual({ name: 'hello' });
});
