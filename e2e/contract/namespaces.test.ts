import { expect, it } from 'vitest';
import type { KubeObject } from '../../lib/kube/objects.ts';
import { configMaps, namespaces, type Resource } from '../../lib/kube/resources.ts';
import { isNotFound } from '../../lib/kube/status-error.ts';
import { eventually } from '../framework/patience.ts';
import { askTarget, fieldManager, refusal, type Widget, widgets } from './world.ts';

interface Namespace extends KubeObject {
  readonly spec?: { readonly finalizers?: readonly string[] };
  readonly status?: { readonly phase?: string };
}

const ask = askTarget();
const kind = namespaces as Resource<Namespace>;

async function createNamespace(): Promise<{ readonly name: string }> {
  const name = `${ask.namespace}-${ask.name}`;
  await ask.client.create(kind, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } }, { fieldManager });
  return { name };
}

it('a namespace is born Active, known by a label, and held by a finalizer that no ordinary write takes away', async () => {
  const at = await createNamespace();
  expect(await ask.client.get(kind, at)).toMatchObject({
    metadata: { labels: { 'kubernetes.io/metadata.name': at.name } },
    spec: { finalizers: ['kubernetes'] },
    status: { phase: 'Active' },
  });
  const patch = { spec: { finalizers: [] }, status: { phase: 'Terminating' } };
  await ask.client.mergePatch(kind, at, patch, { fieldManager });
  expect(await ask.client.get(kind, at)).toMatchObject({
    spec: { finalizers: ['kubernetes'] },
    status: { phase: 'Active' },
  });
  await ask.client.delete(kind, at);
});

it('a namespace that is deleted is Terminating until it is empty; what is in it can change, nothing is applied to it', async () => {
  const at = await createNamespace();
  const held = { namespace: at.name, name: 'held' };
  const finalizers = ['contract.flint.dev/hold'];
  await ask.client.create(widgets, ask.widget({}, { ...held, finalizers }), { fieldManager });
  await ask.client.delete(kind, at);
  expect((await ask.client.get(kind, at)).status?.phase).toBe('Terminating');

  const late = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: at.name, name: 'late' } };
  expect(await refusal(ask.client.apply(configMaps, late, { fieldManager }))).toMatchObject({
    code: 403,
    message: expect.stringContaining('because it is being terminated') as string,
  });
  await ask.client.mergePatch<Widget>(widgets, held, { spec: { size: 9 } }, { fieldManager });

  await ask.client.mergePatch<Widget>(widgets, held, { metadata: { finalizers: null } }, { fieldManager });
  await eventually('the namespace is gone', async () => {
    const error = await ask.client.get(kind, at).catch((thrown: unknown) => thrown);
    return isNotFound(error) ? true : undefined;
  });
});

it('the namespaces of the cluster itself stay', async () => {
  for (const name of ['default', 'kube-system']) {
    expect(await refusal(ask.client.delete(kind, { name }))).toMatchObject({
      code: 403,
      reason: 'Forbidden',
      message: `namespaces "${name}" is forbidden: this namespace may not be deleted`,
    });
  }
});
