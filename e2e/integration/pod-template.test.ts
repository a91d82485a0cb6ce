import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { deployments } from '../../lib/kube/resources.ts';
import { StatusError } from '../../lib/kube/status-error.ts';
import { inline } from './manifests.ts';
import { OperatorWorld } from './world.ts';

let world: OperatorWorld;
beforeEach(async () => {
  world = await OperatorWorld.start();
});
afterEach(() => world.stopOperator());

describe('a podTemplate', () => {
  it('goes into the Deployment, over what is generated', async () => {
    const podTemplate = { spec: { terminationGracePeriodSeconds: 3, hostname: 'one' } };
    await world.applyFunction('hello', { ...inline('one'), podTemplate });
    await world.settle();
    const [deployment] = await world.all(deployments);
    expect(deployment?.spec.template.spec).toMatchObject({ terminationGracePeriodSeconds: 3, hostname: 'one' });
  });

  const refused = [
    { name: 'with power over the node', podTemplate: { spec: { hostNetwork: true } }, want: 'hostNetwork' },
    { name: 'that has not the form of one', podTemplate: { spec: { containers: {} } }, want: 'containers' },
    {
      name: 'that the API server refuses',
      podTemplate: { metadata: { labels: { 'flint.dev/revision': 'other' } } },
      want: '`selector` does not match',
    },
  ];
  it.each(refused)('$name is InvalidPodTemplate, nothing is made of it, and the next apply repairs it', async (tc) => {
    await world.applyFunction('hello', { ...inline('one'), podTemplate: tc.podTemplate });
    await world.settle();
    const ready = await world.condition('Ready');
    expect(ready).toMatchObject({ status: 'False', reason: 'InvalidPodTemplate' });
    expect(ready?.message).toContain(tc.want);
    expect(await world.condition('Stalled')).toMatchObject({ status: 'True' });
    expect(await world.all(deployments)).toEqual([]);
    await world.applyFunction('hello', inline('one'));
    await world.prove();
    expect(await world.condition('Ready')).toMatchObject({ status: 'True' });
  });

  it('with a field that does not exist is refused before anything is made of it', async () => {
    const message =
      'failed to create typed patch object (shop/hello): .spec.template.spec.contaners: field not declared';
    world.fault = (verb, resource) =>
      verb === 'apply' && resource === deployments ? new StatusError({ code: 500, reason: '', message }) : undefined;
    await world.applyFunction('hello', { ...inline('one'), podTemplate: { spec: { contaners: [] } } });
    await world.settle();
    expect(await world.condition('Ready')).toMatchObject({ status: 'False', reason: 'InvalidPodTemplate' });
    expect(await world.all(deployments)).toEqual([]);
  });

  it('with power over the node is taken where the platform allows it', async () => {
    await world.stopOperator();
    world = await OperatorWorld.start({ FLINT_ALLOW_HOST_ACCESS: 'true' });
    await world.applyFunction('hello', { ...inline('one'), podTemplate: { spec: { hostNetwork: true } } });
    await world.settle();
    expect((await world.all(deployments))[0]?.spec.template.spec?.hostNetwork).toBe(true);
  });
});
