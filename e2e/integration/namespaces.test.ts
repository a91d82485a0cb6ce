import { expect, it } from 'vitest';
import { namespaces as namespacesKind } from '../../lib/kube/resources.ts';
import { StatusError } from '../../lib/kube/status-error.ts';
import { inline, user } from './manifests.ts';
import { OperatorWorld } from './world.ts';

it('a namespace that is gone, and its rights with it, holds up nobody at a restart, and is served when it comes back', async () => {
  const world = await OperatorWorld.start({ FLINT_NAMESPACES: 'shop,gone' });
  await world.stopOperator();
  const forbidden = new StatusError({ code: 403, reason: 'Forbidden', message: 'the operator cannot list' });
  let isGone = true;
  const { client } = world;
  const watch = client.watch.bind(client);
  client.watch = (resource, options, signal) => {
    if (isGone && options.namespace === 'gone') {
      throw forbidden;
    }
    return watch(resource, options, signal);
  };
  world.startOperator();
  await world.applyFunction('hello', inline('one'));
  await world.clock.advance(15_000);
  await world.settle();
  expect((await world.fn()).status?.latestCreatedRevision).toBeDefined();
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'gone' } };
  await client.create(namespacesKind, namespace, user);
  isGone = false;
  await world.applyFunction('back', inline('one'), 'gone');
  await world.clock.advance(61_000);
  expect((await world.revisionNames()).map((name) => name.split('-')[0])).toEqual(['back', 'hello']);
  await world.stopOperator();
});
