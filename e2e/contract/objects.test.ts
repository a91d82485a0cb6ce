import { expect, it } from 'vitest';
import { ofUid } from '../../lib/kube/preconditions.ts';
import { configMaps, namespaces, secrets } from '../../lib/kube/resources.ts';
import { isNamespaceTerminating } from '../../lib/kube/status-error.ts';
import { askTarget, fieldManager, refusal, type Widget, widgets } from './world.ts';

const ask = askTarget();

it('an object is born with a uid, a version and generation 1; a write that changes nothing changes no version', async () => {
  const born = await ask.client.create(widgets, ask.widget({ size: 4 }), { fieldManager });
  expect(born.metadata).toMatchObject({ generation: 1, uid: expect.any(String) as string });
  const patch = (): Promise<Widget> => ask.client.mergePatch(widgets, ask.at, { spec: { size: 4 } }, { fieldManager });
  // The first write stores what only reading filled in: the default of the status.
  const same = await patch();
  expect((await patch()).metadata.resourceVersion).toBe(same.metadata.resourceVersion);
  const changed = await ask.client.mergePatch(widgets, ask.at, { spec: { size: 5 } }, { fieldManager });
  expect(changed.metadata.generation).toBe(2);
});

it('an object exists once, and in a namespace that exists', async () => {
  await ask.client.create(widgets, ask.widget({}), { fieldManager });
  expect(await refusal(ask.client.create(widgets, ask.widget({}), { fieldManager }))).toEqual({
    code: 409,
    reason: 'AlreadyExists',
    message: `widgets.contract.flint.dev "${ask.name}" already exists`,
  });
  const elsewhere = ask.widget({}, { namespace: 'flint-no-such-namespace' });
  expect(await refusal(ask.client.create(widgets, elsewhere, { fieldManager }))).toMatchObject({
    code: 404,
    message: 'namespaces "flint-no-such-namespace" not found',
  });
});

it('an object is written and deleted only as the one that was seen', async () => {
  const born = await ask.client.create(widgets, ask.widget({}), { fieldManager });
  await ask.client.mergePatch(widgets, ask.at, { spec: { size: 9 } }, { fieldManager });
  expect(await refusal(ask.client.update(widgets, born, { fieldManager }))).toMatchObject({
    code: 409,
    reason: 'Conflict',
  });
  expect(await refusal(ask.client.delete(widgets, ask.at, { uid: 'another' }))).toMatchObject({
    code: 409,
    reason: 'Conflict',
  });
  await ask.client.delete(widgets, ask.at, ofUid(born));
  expect(await refusal(ask.client.get(widgets, ask.at))).toMatchObject({ code: 404, reason: 'NotFound' });
});

it('an object with a finalizer stays until it is gone', async () => {
  await ask.client.create(widgets, ask.widget({}, { finalizers: ['contract.flint.dev/hold'] }), { fieldManager });
  await ask.client.delete(widgets, ask.at);
  expect((await ask.client.get(widgets, ask.at)).metadata.deletionTimestamp).toBeDefined();
  await ask.client.mergePatch(widgets, ask.at, { metadata: { finalizers: null } }, { fieldManager });
  expect(await refusal(ask.client.get(widgets, ask.at))).toMatchObject({ code: 404 });
});

it('an immutable ConfigMap keeps its data', async () => {
  await ask.client.create(configMaps, ask.configMap({ a: '1' }, { immutable: true }), { fieldManager });
  const change = ask.client.mergePatch(configMaps, ask.at, { data: { a: '2' } }, { fieldManager });
  expect((await refusal(change)).message).toContain('data: Forbidden: field is immutable when `immutable` is set');
});

it('a Secret keeps what was written as text in base64, and its text is never read again', async () => {
  const secret = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { ...ask.at },
    data: { a: 'YQ==', b: 'Yg==' },
    stringData: { b: 'text' },
  };
  const stored = await ask.client.create(secrets, secret, { fieldManager });
  expect(stored).toMatchObject({ type: 'Opaque', data: { a: 'YQ==', b: 'dGV4dA==' } });
  expect(stored).not.toHaveProperty('stringData');
});

it('a merge patch with the uid of a predecessor is refused', async () => {
  await ask.client.create(widgets, ask.widget({}), { fieldManager });
  const patch = { metadata: { uid: '00000000-0000-0000-0000-000000000000' }, spec: { size: 4 } };
  expect(await refusal(ask.client.mergePatch(widgets, ask.at, patch, { fieldManager }))).toMatchObject({
    code: 422,
    reason: 'Invalid',
    message: expect.stringContaining('metadata.uid: Invalid value') as string,
  });
});

it('a path that nobody serves is not found', async () => {
  const missing = { ...widgets, plural: 'gadgets', kind: 'Gadget' };
  expect(await refusal(ask.client.get(missing, ask.at))).toMatchObject({ code: 404 });
});

it('nothing is created in a namespace that is being deleted, and the refusal says why', async () => {
  const name = `${ask.namespace}-going`;
  const namespace = {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name },
    // Holds the namespace until this test has asked.
    spec: { finalizers: ['kubernetes'] },
  };
  await ask.client.create(namespaces, namespace, { fieldManager });
  const held = ask.widget({}, { namespace: name, finalizers: ['contract.flint.dev/hold'] });
  await ask.client.create(widgets, held, { fieldManager });
  await ask.client.delete(namespaces, { name });
  const late = { ...ask.widget({}), metadata: { name: 'late', namespace: name } };
  const error: unknown = await ask.client.create(widgets, late, { fieldManager }).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({
    code: 403,
    reason: 'Forbidden',
    message: `widgets.contract.flint.dev "late" is forbidden: unable to create new content in namespace ${name} because it is being terminated`,
  });
  expect(isNamespaceTerminating(error)).toBe(true);
  await ask.client.mergePatch(
    widgets,
    { namespace: name, name: held.metadata.name },
    { metadata: { finalizers: null } },
    { fieldManager },
  );
});
