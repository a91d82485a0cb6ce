import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { revisions } from '../../lib/api/resources.ts';
import { configMaps, type Resource, services } from '../../lib/kube/resources.ts';
import { StatusError } from '../../lib/kube/status-error.ts';
import { aConfigMap, inline, user } from './manifests.ts';
import { OperatorWorld } from './world.ts';

let world: OperatorWorld;
beforeEach(async () => {
  world = await OperatorWorld.start();
});
afterEach(() => world.stopOperator());

function refuse(kind: Resource, message: string): void {
  const refusal = new StatusError({ code: 403, reason: 'Forbidden', message });
  world.fault = (verb, resource) => (verb === 'create' && resource === kind ? refusal : undefined);
}

describe.each([
  { kind: services, condition: 'Routed' },
  { kind: revisions, condition: 'RevisionReady' },
  { kind: configMaps, condition: 'RevisionReady' },
])('a $kind.kind that the API server refuses', ({ kind, condition }) => {
  const quota = `${kind.plural} "hello" is forbidden: exceeded quota: objects, used: 5, limited: 5`;
  const policy = `${kind.plural} "hello" is forbidden: ValidatingAdmissionPolicy 'names' denied request: no`;

  it.each([
    { reason: 'QuotaExceeded', message: quota },
    { reason: 'FailedCreate', message: policy },
  ])('is told as $reason, and tried again within a minute', async ({ reason, message }) => {
    refuse(kind, message);
    await world.applyFunction('hello', inline('one'));
    await world.settle();
    for (const type of ['Ready', condition]) {
      expect(await world.condition(type), type).toMatchObject({ status: 'False', reason });
    }
    expect(await world.condition('Reconciling')).toMatchObject({ status: 'True', reason });
    expect(await world.eventsAbout('hello')).toContainEqual(expect.stringContaining(`Warning ${reason}: `));
    // Long enough for a back-off that doubles to have grown beyond the minute.
    await world.clock.advance(600_000);
    world.fault = () => undefined;
    await world.clock.advance(60_000);
    await world.prove();
    expect(await world.condition('Ready')).toMatchObject({ status: 'True' });
  });
});

it('a Service that is refused keeps no ready Revision from the requests', async () => {
  await world.applyFunction('hello', inline('one'));
  await world.prove();
  await world.client.delete(services, { namespace: 'shop', name: 'hello' });
  refuse(services, 'services "hello" is forbidden: exceeded quota: objects');
  await world.applyFunction('hello', inline('two'));
  const second = await world.prove();
  expect(await world.serving()).toBe(second.metadata.name);
  expect(await world.condition('Ready')).toMatchObject({ status: 'False', reason: 'QuotaExceeded' });
});

it('a ConfigMap with more files than a Revision may name is told as refused', async () => {
  const files = Object.fromEntries(Array.from({ length: 1025 }, (_, index) => [`${index}.mjs`, '1']));
  await world.client.create(configMaps, aConfigMap({ ...files, 'index.mjs': '1' }), user);
  await world.applyFunction('hello', { source: { configMap: { name: 'code' } } });
  await world.settle();
  const message = expect.stringMatching(/must have at most 1024 items/u) as unknown;
  expect(await world.condition('Ready')).toMatchObject({ status: 'False', reason: 'FailedCreate', message });
});
