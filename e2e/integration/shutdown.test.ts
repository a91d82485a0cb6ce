import { expect, it } from 'vitest';
import { deployments, leases } from '../../lib/kube/resources.ts';
import { inline } from './manifests.ts';
import { OperatorWorld } from './world.ts';

it('an operator whose server does not answer a create has stopped 20 s after SIGTERM, without its lease', async () => {
  const world = await OperatorWorld.start({ FLINT_LEADER_ELECTION: 'true', FLINT_NAMESPACE: 'default' });
  const gate = Promise.withResolvers<void>();
  world.witness = ({ verb, resource }) => (verb === 'create' && resource === deployments ? gate.promise : undefined);
  await world.applyFunction('hello', inline('one'));
  await world.settle();
  const [operator] = world.operators;
  let hasStopped = false;
  const stopped = world.stopOperator().then(() => {
    hasStopped = true;
  });
  const holder = async (): Promise<string | undefined> =>
    (await world.client.get(leases, { namespace: 'default', name: 'flint-operator' })).spec.holderIdentity;
  await world.clock.advance(9000);
  expect([hasStopped, await holder()]).toEqual([false, expect.stringContaining('flint-operator_')]);
  await world.clock.advance(11_000);
  expect([hasStopped, await holder()]).toEqual([true, '']);
  await stopped;
  expect(operator?.failure).toBeUndefined();
  gate.resolve();
});
