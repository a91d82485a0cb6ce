import { expect, it } from 'vitest';
import type { Deployment } from '../../lib/kube/objects.ts';
import { deployments } from '../../lib/kube/resources.ts';
import { askTarget, fieldManager, refusal, type Widget, widgets } from './world.ts';

const ask = askTarget();
const list = (...names: string[]): object => ({ list: names.map((item) => ({ name: item, value: item })) });

it('apply keeps what several managers state, and takes away what one of them stops to state', async () => {
  await ask.client.apply(widgets, ask.widget(list('a')), { fieldManager: 'one' });
  await ask.client.apply(widgets, ask.widget(list('b')), { fieldManager: 'two' });
  const after = await ask.client.apply<Widget>(widgets, ask.widget({}), { fieldManager: 'one' });
  expect(after.spec?.list).toEqual([{ name: 'b', value: 'b' }]);
});

it('apply refuses to take a field with another value, and takes it by force', async () => {
  await ask.client.apply(widgets, ask.widget({ size: 4 }), { fieldManager: 'one' });
  const clash = ask.client.apply(widgets, ask.widget({ size: 5 }), { fieldManager: 'two' });
  expect(await refusal(clash)).toMatchObject({
    code: 409,
    reason: 'Conflict',
    message: 'Apply failed with 1 conflict: conflict with "one": .spec.size',
  });
  const forced = await ask.client.apply<Widget>(widgets, ask.widget({ size: 5 }), { fieldManager: 'two', force: true });
  expect(forced.spec?.size).toBe(5);
});

it('apply that changes nothing changes no version', async () => {
  const apply = (): Promise<Widget> => ask.client.apply(widgets, ask.widget({ size: 4 }), { fieldManager: 'one' });
  await apply();
  // The first write stores what only reading filled in: the default of the status.
  const second = await apply();
  expect((await apply()).metadata.resourceVersion).toBe(second.metadata.resourceVersion);
});

it('defaults belong to nobody', async () => {
  await ask.client.apply(widgets, ask.widget({}), { fieldManager: 'one' });
  const after = await ask.client.apply<Widget>(widgets, ask.widget({ size: 7 }), { fieldManager: 'two' });
  expect(after.spec?.size).toBe(7);
});

it('apply with the uid of an object that is gone does not bring it back; to a status it never creates', async () => {
  const uid = '00000000-0000-0000-0000-000000000000';
  const ghost = ask.client.apply(widgets, ask.widget({}, { uid }), { fieldManager });
  expect(await refusal(ghost)).toMatchObject({ code: 409, reason: 'Conflict' });
  const intent = { ...ask.widget({}), status: {} } as Widget;
  const status = ask.client.apply(widgets, intent, { fieldManager, subresource: 'status' });
  expect(await refusal(status)).toMatchObject({ code: 404 });
});

it('apply to a status leaves the generation alone', async () => {
  await ask.client.apply(widgets, ask.widget({ size: 4 }), { fieldManager: 'one' });
  const { spec: _, ...rest } = ask.widget({});
  const after = await ask.client.apply<Widget>(widgets, { ...rest, status: { a: 1 } } as Widget, {
    fieldManager: 'two',
    subresource: 'status',
  });
  expect(after).toMatchObject({ spec: { size: 4 }, status: { a: 1 }, metadata: { generation: 1 } });
});

it('apply to a status by force, with a version that is over, is refused all the same', async () => {
  const seen = await ask.client.apply<Widget>(widgets, ask.widget({ size: 4 }), { fieldManager: 'one' });
  await ask.client.apply(widgets, ask.widget({ size: 5 }), { fieldManager: 'one' });
  const { uid = '', resourceVersion = '' } = seen.metadata;
  const { spec: _, ...rest } = ask.widget({}, { uid, resourceVersion });
  const late = ask.client.apply(widgets, { ...rest, status: { a: 1 } } as Widget, {
    fieldManager: 'two',
    subresource: 'status',
    force: true,
  });
  expect(await refusal(late)).toMatchObject({ code: 409, reason: 'Conflict' });
});

/** Its image is nobody's business: nothing here waits for a Pod. */
function aDeployment(replicas?: number): Deployment {
  const labels = { app: ask.name };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { ...ask.at },
    spec: {
      ...(replicas === undefined ? {} : { replicas }),
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'contract.invalid/none' }] } },
    },
  };
}

it('a scale write takes the replica count from who applied it, who is told so when it states it again', async () => {
  await ask.client.apply(deployments, aDeployment(0), { fieldManager: 'op' });
  await ask.client.setScale(deployments, ask.at, 1, { fieldManager: 'autoscaler' });
  expect(await refusal(ask.client.apply(deployments, aDeployment(0), { fieldManager: 'op' }))).toMatchObject({
    code: 409,
    message: expect.stringContaining(
      'conflict with "autoscaler" with subresource "scale" using apps/v1: .spec.replicas',
    ) as string,
  });
  const without = await ask.client.apply<Deployment>(deployments, aDeployment(), { fieldManager: 'op' });
  expect(without.spec.replicas).toBe(1);
  expect((await ask.client.getScale(deployments, ask.at)).status?.selector).toBe(`app=${ask.name}`);
});

it('the count that the creator gave stays when another manager applies the rest', async () => {
  await ask.client.create(deployments, aDeployment(2), { fieldManager: 'flint-activator' });
  const after = await ask.client.apply<Deployment>(deployments, aDeployment(), {
    fieldManager: 'flint-operator',
    force: true,
  });
  expect(after.spec.replicas).toBe(2);
});

interface Owner {
  readonly manager: string;
  readonly operation: string;
  readonly fieldsV1: { readonly 'f:spec'?: object };
}

const ownersOf = ({ metadata }: Deployment): readonly Owner[] => (metadata.managedFields ?? []) as readonly Owner[];

it('whoever creates an object owns all of it, whatever it says of owners', async () => {
  const object = aDeployment(0);
  const entry = { apiVersion: 'apps/v1', time: '2026-01-01T00:00:00Z', fieldsType: 'FieldsV1' };
  const fieldsV1 = { 'f:spec': { 'f:replicas': {} } };
  const managedFields = [{ ...entry, manager: 'other', operation: 'Update', fieldsV1 }];
  const born = await ask.client.create(
    deployments,
    { ...object, metadata: { ...object.metadata, managedFields } },
    { fieldManager },
  );
  expect(ownersOf(born).map(({ manager, operation }) => [manager, operation])).toEqual([[fieldManager, 'Update']]);
});

it('a patch may say who owns what, and then an apply takes away what it states no more', async () => {
  const object = aDeployment(2);
  const spec = {
    ...object.spec,
    template: { ...object.spec.template, metadata: { labels: { app: ask.name, more: 'x' } } },
  };
  const born = await ask.client.create(deployments, { ...object, spec }, { fieldManager: 'creator' });
  const [all] = ownersOf(born);
  const { 'f:replicas': count, ...rest } = { 'f:replicas': {}, ...all?.fieldsV1['f:spec'] };
  const patched = await ask.client.jsonPatch<Deployment>(
    deployments,
    ask.at,
    [
      { op: 'test', path: '/metadata/managedFields/0', value: all },
      {
        op: 'replace',
        path: '/metadata/managedFields/0',
        value: { ...all, fieldsV1: { 'f:spec': { 'f:replicas': count } } },
      },
      {
        op: 'add',
        path: '/metadata/managedFields/-',
        value: { ...all, manager: 'op', operation: 'Apply', fieldsV1: { 'f:spec': rest } },
      },
    ],
    { fieldManager: 'op' },
  );
  expect(new Set(ownersOf(patched).map(({ manager, operation }) => `${manager} ${operation}`))).toContain('op Apply');
  expect(ownersOf(patched).some(({ manager, operation }) => manager === 'op' && operation === 'Update')).toBe(false);
  expect(patched.metadata.generation).toBe(1);
  const after = await ask.client.apply<Deployment>(deployments, aDeployment(), { fieldManager: 'op', force: true });
  expect(after.spec.template.metadata?.labels).toEqual({ app: ask.name });
  expect(after.spec.replicas).toBe(2);
});

it('a patch with one owner without content makes all that there is nobody’s', async () => {
  await ask.client.create(deployments, aDeployment(2), { fieldManager: 'creator' });
  const patch = { metadata: { managedFields: [{}] } };
  const patched = await ask.client.mergePatch<Deployment>(deployments, ask.at, patch, { fieldManager });
  const owners = ownersOf(patched).map(({ manager }) => manager);
  expect(owners).not.toContain('creator');
  expect(owners).not.toContain(fieldManager);
});

it('a patch that tests for another owner is refused', async () => {
  await ask.client.create(deployments, aDeployment(0), { fieldManager: 'creator' });
  const test = { op: 'test', path: '/metadata/managedFields/0/manager', value: 'other' } as const;
  const patch = ask.client.jsonPatch(deployments, ask.at, [test], { fieldManager });
  expect(await refusal(patch)).toMatchObject({ code: 422 });
});

it('an applier that alone owned the count and drops it resets it to 1', async () => {
  await ask.client.apply(deployments, aDeployment(0), { fieldManager: 'op' });
  const without = await ask.client.apply<Deployment>(deployments, aDeployment(), { fieldManager: 'op' });
  expect(without.spec.replicas).toBe(1);
});

it('a container that its applier no longer states goes, with the defaults that were filled into it', async () => {
  const two = aDeployment(0);
  two.spec.template.spec?.containers.push({ name: 'd', image: 'contract.invalid/none' });
  await ask.client.apply(deployments, two, { fieldManager: 'op' });
  const one = await ask.client.apply<Deployment>(deployments, aDeployment(0), { fieldManager: 'op' });
  expect(one.spec.template.spec?.containers.map(({ name }) => name)).toEqual(['c']);
});

it('a selector that its own template does not match is refused', async () => {
  const deployment = aDeployment(0);
  deployment.spec.selector.matchLabels = { app: 'other' };
  const { message } = await refusal(ask.client.create(deployments, deployment, { fieldManager }));
  expect(message).toContain('`selector` does not match template `labels`');
});
