import { expect, it } from 'vitest';
import { controllerOf, makeControllerReference } from './owner-reference.ts';

const owner = { apiVersion: 'flint.dev/v1alpha1', kind: 'Function', metadata: { name: 'hello', uid: 'uid-of-hello' } };

it('a child names its owner as its controller, whose deletion waits for it', () => {
  expect(makeControllerReference(owner)).toEqual({
    apiVersion: 'flint.dev/v1alpha1',
    kind: 'Function',
    name: 'hello',
    uid: 'uid-of-hello',
    controller: true,
    blockOwnerDeletion: true,
  });
});

it('of several owners the controller is the one that says so', () => {
  const controller = makeControllerReference(owner);
  const ownerReferences = [{ ...controller, uid: 'other', controller: false }, controller];
  const child = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'hello', ownerReferences } };
  expect(controllerOf(child)).toBe(controller);
  expect(controllerOf(owner)).toBeUndefined();
});
