import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../lib/kube/objects.ts';
import { configMaps, namespaces, services } from '../../lib/kube/resources.ts';
import type { StatusError } from '../../lib/kube/status-error.ts';
import { askTarget, fieldManager, refusal, widgets } from './world.ts';

/** What every object has: names, labels, annotations, owners, finalizers. Refused alike of custom and of built-in kinds. */

const ask = askTarget();

const label = "alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";
const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: 'a', uid: 'b' };
const controllers = ['a', 'b'].map((name) => ({ ...owner, name, controller: true }));

const refused: readonly { title: string; metadata: object; field: string; says: string }[] = [
  {
    title: 'a name in capitals',
    metadata: { name: 'Upper' },
    field: 'metadata.name',
    says: 'Invalid value: "Upper": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters',
  },
  {
    title: 'a name that is too long',
    metadata: { name: 'a'.repeat(254) },
    field: 'metadata.name',
    says: 'must be no more than 253',
  },
  {
    title: 'a beginning of a name in capitals',
    metadata: { name: undefined, generateName: 'Upper-' },
    field: 'metadata.generateName',
    says: 'Invalid value: "Upper-": a lowercase RFC 1123 subdomain',
  },
  {
    title: 'a label with a blank in its key',
    metadata: { labels: { 'a b': '1' } },
    field: 'metadata.labels',
    says: `Invalid value: "a b": name part must consist of ${label} (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')`,
  },
  {
    title: 'a label with two slashes in its key',
    metadata: { labels: { 'a/b/c': '1' } },
    field: 'metadata.labels',
    says: "with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')",
  },
  {
    title: 'a label without a domain before the slash',
    metadata: { labels: { '/a': '1' } },
    field: 'metadata.labels',
    says: 'Invalid value: "/a": prefix part must be non-empty',
  },
  {
    title: 'a label with a domain in capitals',
    metadata: { labels: { 'Upper.dev/a': '1' } },
    field: 'metadata.labels',
    says: 'prefix part a lowercase RFC 1123 subdomain',
  },
  {
    title: 'a label without name after the slash',
    metadata: { labels: { 'a.dev/': '1' } },
    field: 'metadata.labels',
    says: 'name part must be non-empty',
  },
  {
    title: 'a label with a key that is too long',
    metadata: { labels: { ['a'.repeat(64)]: '1' } },
    field: 'metadata.labels',
    says: 'name part must be no more than 63',
  },
  {
    title: 'a label with a blank in its value',
    metadata: { labels: { a: 'b c' } },
    field: 'metadata.labels',
    says: `Invalid value: "b c": a valid label must be an empty string or consist of ${label} (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')`,
  },
  {
    title: 'a label with a value that is too long',
    metadata: { labels: { a: 'b'.repeat(64) } },
    field: 'metadata.labels',
    says: 'must be no more than 63',
  },
  {
    title: 'an annotation with a blank in its key',
    metadata: { annotations: { 'a b': '1' } },
    field: 'metadata.annotations',
    says: 'Invalid value: "a b": name part must consist of',
  },
  {
    title: 'annotations that are too large',
    metadata: { annotations: { a: 'b'.repeat(262_144) } },
    field: 'metadata.annotations',
    says: 'Too long: may not be more than 262144 bytes',
  },
  {
    title: 'a finalizer with a blank in its name',
    metadata: { finalizers: ['a b'] },
    field: 'metadata.finalizers',
    says: 'Invalid value: "a b": name part must consist of',
  },
  {
    title: 'finalizers that contradict each other',
    metadata: { finalizers: ['orphan', 'foregroundDeletion'] },
    field: 'metadata.finalizers',
    says: 'finalizer orphan and foregroundDeletion cannot be both set',
  },
  {
    title: 'an owner without uid',
    metadata: { ownerReferences: [{ ...owner, uid: '' }] },
    field: 'metadata.ownerReferences[0].uid',
    says: 'Required value: must not be empty',
  },
  {
    title: 'an owner without version',
    metadata: { ownerReferences: [{ ...owner, apiVersion: '' }] },
    field: 'metadata.ownerReferences[0].apiVersion',
    says: 'Required value: must not be empty',
  },
  {
    title: 'an event as owner',
    metadata: { ownerReferences: [{ ...owner, kind: 'Event' }] },
    field: 'metadata.ownerReferences[0]',
    says: '/v1, Kind=Event is disallowed from being an owner',
  },
  {
    title: 'two controllers',
    metadata: { ownerReferences: controllers },
    field: 'metadata.ownerReferences',
    says: 'Only one reference can have Controller set to true. Found "true" in references for ConfigMap/a and ConfigMap/b',
  },
];

async function causes(call: Promise<unknown>): Promise<string[]> {
  const error: unknown = await call.catch((thrown: unknown) => thrown);
  const { causes: found = [] } = error as Partial<StatusError>;
  return found.map(({ field = '', message = '' }) => `${field}: ${message}`);
}

describe.each(['a custom object', 'a ConfigMap'])('%s', (kind) => {
  it.for(refused)('with $title is refused', async ({ metadata, field, says }) => {
    const call =
      kind === 'a ConfigMap'
        ? ask.client.create(
            configMaps,
            { ...ask.configMap({}), metadata: { ...ask.at, ...metadata } },
            {
              fieldManager,
              dryRun: true,
            },
          )
        : ask.client.create(widgets, ask.widget({}, metadata), { fieldManager, dryRun: true });
    const found = await causes(call);
    expect(found.filter((line) => line.startsWith(`${field}: `))).toContainEqual(expect.stringContaining(says));
  });
});

it('keys of annotations may be in capitals, those of labels and names with a domain too', async () => {
  const metadata = {
    labels: { 'Name_of.it': '', 'flint.dev/Is-it': 'A_b.c' },
    annotations: { 'Flint.dev/Any': 'a b ✓' },
    finalizers: ['contract.flint.dev/Hold'],
    ownerReferences: [owner],
  };
  const made = await ask.client.create(widgets, ask.widget({}, metadata), { fieldManager, dryRun: true });
  expect(made.metadata).toMatchObject(metadata);
});

it.each([
  { resource: namespaces, more: {} },
  { resource: services, more: { spec: { type: 'ExternalName', externalName: 'contract.invalid' } } },
])('the name of a $resource.kind has no dots', async ({ resource, more }) => {
  const metadata = resource.namespaced ? { ...ask.at, name: 'a.b' } : { name: 'a.b' };
  const object = { apiVersion: 'v1', kind: resource.kind, metadata, ...more };
  const { message } = await refusal(ask.client.create<KubeObject>(resource, object, { fieldManager, dryRun: true }));
  expect(message).toContain('metadata.name: Invalid value: "a.b": must not contain dots');
});

it('a label of a change is judged as one of a birth', async () => {
  await ask.client.create(widgets, ask.widget({}), { fieldManager });
  const patch = { metadata: { labels: { a: 'b c' } } };
  const { code, message } = await refusal(ask.client.mergePatch(widgets, ask.at, patch, { fieldManager }));
  expect([code, message]).toEqual([422, expect.stringContaining('metadata.labels: Invalid value: "b c"')]);
});

it('an object on its way out is held by no new finalizer', async () => {
  const held = { finalizers: ['contract.flint.dev/hold'] };
  await ask.client.create(widgets, ask.widget({}, held), { fieldManager });
  await ask.client.delete(widgets, ask.at);
  const patch = (finalizers: string[]): Promise<unknown> =>
    ask.client.mergePatch(widgets, ask.at, { metadata: { finalizers } }, { fieldManager });
  const { message } = await refusal(patch(['contract.flint.dev/hold', 'contract.flint.dev/more']));
  expect(message).toContain(
    'metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, ' +
      'found new finalizers []string{"contract.flint.dev/more"}',
  );
  await patch([]);
});

it('what the server sets stays as it set it, whatever a client writes', async () => {
  const long = '2001-02-03T04:05:06Z';
  const told = {
    uid: 'own',
    generation: 7,
    creationTimestamp: long,
    deletionTimestamp: long,
    deletionGracePeriodSeconds: 5,
  };
  const born = await ask.client.create(widgets, ask.widget({}, told), { fieldManager });
  expect(born.metadata).toMatchObject({ generation: 1 });
  expect(born.metadata.uid).not.toBe('own');
  expect(born.metadata.creationTimestamp).not.toBe(long);
  expect(born.metadata.deletionTimestamp).toBeUndefined();
  const later = { generation: 7, creationTimestamp: long };
  const patched = await ask.client.mergePatch(widgets, ask.at, { metadata: later }, { fieldManager });
  const { uid, creationTimestamp } = born.metadata;
  expect(patched.metadata).toMatchObject({ uid, creationTimestamp, generation: 1 });
  const leave = ask.client.mergePatch(widgets, ask.at, { metadata: { deletionTimestamp: long } }, { fieldManager });
  expect(await refusal(leave)).toMatchObject({
    code: 422,
    message: expect.stringMatching(/metadata\.deletionTimestamp: Invalid value: .*: field is immutable/u) as string,
  });
});

it('a custom object is replaced only as the version that was seen', async () => {
  const { metadata, ...rest } = await ask.client.create(widgets, ask.widget({}), { fieldManager });
  const { resourceVersion: _, ...unversioned } = metadata;
  const { code, message } = await refusal(
    ask.client.update(widgets, { ...rest, metadata: unversioned }, { fieldManager }),
  );
  expect([code, message]).toEqual([
    422,
    expect.stringMatching(/metadata\.resourceVersion: Invalid value: (?:0x)?0: must be specified for an update/u),
  ]);
});

it('the name in an object is the name it is written under', async () => {
  const born = await ask.client.create(widgets, ask.widget({}), { fieldManager });
  const patch = [{ op: 'replace' as const, path: '/metadata/name', value: 'other' }];
  const { code } = await refusal(ask.client.jsonPatch(widgets, ask.at, patch, { fieldManager }));
  expect([400, 422]).toContain(code);
  expect((await ask.client.get(widgets, ask.at)).metadata.resourceVersion).toBe(born.metadata.resourceVersion);
});
