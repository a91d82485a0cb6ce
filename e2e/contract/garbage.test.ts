import { expect, it } from 'vitest';
import type { ConfigMap, KubeObject } from '../../lib/kube/objects.ts';
import { configMaps } from '../../lib/kube/resources.ts';
import { ignoreNotFound } from '../../lib/kube/status-error.ts';
import { eventually } from '../framework/patience.ts';
import { askTarget, fieldManager, type Widget, widgets } from './world.ts';

const ask = askTarget();

/**
 * A real collector looks for new kinds twice a minute, and what it could not judge before that it tries again after a pause
 * that grows: the first fact asked after the kind came waits for both.
 */
const patience = { withinMs: 150_000 };
const options = { timeout: 2.5 * patience.withinMs };

async function createChild(name: string, ...owners: readonly KubeObject[]): Promise<ConfigMap> {
  const ownerReferences = owners.map(({ apiVersion, kind, metadata }) => ({
    apiVersion,
    kind,
    name: metadata.name,
    uid: metadata.uid ?? '',
  }));
  const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: ask.namespace, ownerReferences } };
  return ask.client.create(configMaps, object, { fieldManager });
}

function createOwner(name = ask.name): Promise<Widget> {
  return ask.client.create(widgets, ask.widget({}, { name }), { fieldManager });
}

async function exists(name: string): Promise<boolean> {
  const at = { namespace: ask.namespace, name };
  return (await ask.client.get(configMaps, at).catch(ignoreNotFound)) !== undefined;
}

async function untilGone(name: string): Promise<void> {
  await eventually(`${name} is gone`, async () => ((await exists(name)) ? undefined : true), patience);
}

it('what an object owns goes with it', options, async () => {
  const child = await createChild(`${ask.name}-child`, await createOwner());
  await ask.client.delete(widgets, ask.at);
  await untilGone(child.metadata.name);
});

it('what another one still owns stays', options, async () => {
  const other = await createOwner(`${ask.name}-other`);
  const shared = await createChild(`${ask.name}-shared`, await createOwner(), other);
  const lonely = await createChild(`${ask.name}-lonely`, await ask.client.get(widgets, ask.at));
  await ask.client.delete(widgets, ask.at);
  await untilGone(lonely.metadata.name);
  expect(await exists(shared.metadata.name)).toBe(true);
});

it('an owner with the right name and another uid does not count', options, async () => {
  const owner = await createOwner();
  const stranger = { ...owner, metadata: { ...owner.metadata, uid: '00000000-0000-0000-0000-000000000000' } };
  const child = await createChild(`${ask.name}-child`, stranger);
  await untilGone(child.metadata.name);
});

it('deleted in the foreground, an owner stays until what it owns is gone', options, async () => {
  const owner = await createOwner();
  const name = `${ask.name}-child`;
  await createChild(name, owner);
  const { metadata } = await ask.client.get(configMaps, { namespace: ask.namespace, name });
  const ownerReferences = (metadata.ownerReferences ?? []).map((reference) => ({
    ...reference,
    blockOwnerDeletion: true,
  }));
  const patch = { metadata: { ownerReferences, finalizers: ['contract.flint.dev/hold'] } };
  await ask.client.mergePatch(configMaps, { namespace: ask.namespace, name }, patch, { fieldManager });
  await ask.client.delete(widgets, ask.at, { propagationPolicy: 'Foreground' });
  await eventually(
    'the child is being deleted',
    async () => {
      const child = await ask.client.get(configMaps, { namespace: ask.namespace, name });
      return child.metadata.deletionTimestamp;
    },
    patience,
  );
  expect((await ask.client.get(widgets, ask.at)).metadata.finalizers).toEqual(['foregroundDeletion']);
  await ask.client.mergePatch(
    configMaps,
    { namespace: ask.namespace, name },
    { metadata: { finalizers: null } },
    { fieldManager },
  );
  await eventually(
    'the owner is gone',
    () =>
      ask.client.get(widgets, ask.at).then(
        () => undefined,
        () => true,
      ),
    patience,
  );
});

it('deleted as orphans, children stay without their owner', options, async () => {
  const child = await createChild(`${ask.name}-child`, await createOwner());
  await ask.client.delete(widgets, ask.at, { propagationPolicy: 'Orphan' });
  const at = { namespace: ask.namespace, name: child.metadata.name };
  await eventually(
    'the child has no owner',
    async () => {
      const { metadata } = await ask.client.get(configMaps, at);
      return (metadata.ownerReferences ?? []).length === 0 ? true : undefined;
    },
    patience,
  );
});
