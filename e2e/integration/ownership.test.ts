import { afterEach, beforeEach, expect, it } from 'vitest';
import { functions, revisions } from '../../lib/api/resources.ts';
import type { KubeObject } from '../../lib/kube/objects.ts';
import { configMaps, deployments, type Resource, services } from '../../lib/kube/resources.ts';
import { aConfigMap, aForeignDeployment, aForeignService, inline, user } from './manifests.ts';
import { OperatorWorld } from './world.ts';

let world: OperatorWorld;
beforeEach(async () => {
  world = await OperatorWorld.start();
});
afterEach(() => world.stopOperator());

it('I3: a Service of the same name that is not ours is not touched, and its end is noticed', async () => {
  const before = await world.client.create(services, aForeignService('hello'), user);
  await world.applyFunction('hello', inline('one'));
  await world.prove();
  expect(await world.condition('Routed')).toMatchObject({ status: 'False', reason: 'NameTaken' });
  expect(await world.condition('Ready')).toMatchObject({ status: 'False', reason: 'NameTaken' });
  expect(await world.all(services)).toEqual([before]);
  await world.client.delete(services, before.metadata);
  await world.settle();
  expect(await world.condition('Ready')).toMatchObject({ status: 'True' });
});

const strangers: readonly { name: string; resource: Resource; object: (name: string) => KubeObject }[] = [
  { name: 'ConfigMap', resource: configMaps, object: (name) => aConfigMap({ 'index.mjs': '1' }, name) },
  { name: 'Deployment', resource: deployments, object: aForeignDeployment },
];
it.each(strangers)('I3: a $name of the name of a Revision that is not ours is not touched', async (tc) => {
  // Only to learn the name that the content will have.
  await world.applyFunction('hello', inline('one'));
  await world.settle();
  const { name } = (await world.latest()).metadata;
  await world.stopOperator();
  world = await OperatorWorld.start();
  const before = await world.client.create(tc.resource, tc.object(name), user);
  await world.applyFunction('hello', inline('one'));
  await world.settle();
  expect(await world.condition('Ready')).toMatchObject({ status: 'False', reason: 'NameTaken' });
  expect(await world.client.get(tc.resource, before.metadata)).toEqual(before);
  // No Pod may start with what a stranger put in the place of the code.
  expect((await world.all(deployments)).filter(({ metadata }) => metadata.uid !== before.metadata.uid)).toEqual([]);
  await world.client.delete(tc.resource, before.metadata);
  await world.clock.advance(60_000);
  await world.prove();
  expect(await world.condition('Ready')).toMatchObject({ status: 'True' });
});

it('I3: a Revision that only refers to the function is neither served nor removed', async () => {
  await world.applyFunction('hello', inline('one'));
  const { spec } = await world.prove();
  const { apiVersion, kind, metadata } = await world.fn();
  const owner = { apiVersion, kind, name: 'hello', uid: metadata.uid ?? '' };
  const stranger = {
    apiVersion,
    kind: 'Revision',
    metadata: { name: 'hello-by-hand', namespace: 'shop', ownerReferences: [owner] },
    spec,
  };
  await world.client.create(revisions, stranger, user);
  expect(await world.settle()).toEqual([]);
  await world.applyFunction('hello', { ...inline('two'), revisionHistoryLimit: 1 });
  await world.prove();
  expect(await world.revisionNames()).toContain('hello-by-hand');
  expect((await world.all(deployments)).map((deployment) => deployment.metadata.name)).not.toContain('hello-by-hand');
});

it('I3: nothing is deleted by a view of the function that is not the present one', async () => {
  await world.applyFunction('hello', inline('one'));
  await world.prove();
  await world.applyFunction('hello', inline('two'));
  await world.settle();
  const unproven = await world.latest();
  // The operator sees that the function goes back, and is about to remove what was superseded; but it is not any more.
  let isReversed = false;
  world.fault = (verb, resource) => {
    if (verb === 'get' && resource === functions && !isReversed) {
      isReversed = true;
      void world.applyFunction('hello', inline('two'));
    }
    return undefined;
  };
  await world.applyFunction('hello', inline('one'));
  const writes = await world.settle();
  expect(isReversed).toBe(true);
  expect(writes.filter((write) => write.startsWith('delete'))).toEqual([]);
  expect((await world.latest()).metadata.uid).toBe(unproven.metadata.uid);
});
