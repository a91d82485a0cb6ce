import { expect, it } from 'vitest';
import { askTarget, crds, fieldManager, refusal, widgets } from './world.ts';

const ask = askTarget();

it('a custom object gets defaults and loses unknown fields', async () => {
  const lenient = await ask.client.create(widgets, ask.widget({ note: 'ok', unknown: 1 }), { fieldManager });
  expect(lenient.spec).toEqual({ note: 'ok', size: 3 });
});

it('an apply may not state what the schema does not know', async () => {
  const { namespace, name } = ask.at;
  expect(await refusal(ask.client.apply(widgets, ask.widget({ unknown: 1 }), { fieldManager }))).toMatchObject({
    code: 500,
    message:
      `failed to create typed patch object (${namespace}/${name}; contract.flint.dev/v1, Kind=Widget): ` +
      '.spec.unknown: field not declared in schema',
  });
});

/** Follows what makes an object so wrong that rules are not asked. */
const notAsked =
  '<nil>: Invalid value: null: some validation rules were not checked because the object was invalid; ' +
  'correct the existing errors to complete validation';

const refused = [
  {
    spec: { size: 0 },
    message: 'spec.size: Invalid value: 0: spec.size in body should be greater than or equal to 1',
  },
  {
    spec: { size: 11 },
    message: 'spec.size: Invalid value: 11: spec.size in body should be less than or equal to 10',
  },
  {
    spec: { size: 'a' },
    message: `[spec.size: Invalid value: "string": spec.size in body must be of type integer: "string", ${notAsked}]`,
  },
  { spec: { note: 'toolong' }, message: `[spec.note: Too long: may not be more than 5 bytes, ${notAsked}]` },
  { spec: { note: 'A' }, message: `spec.note: Invalid value: "A": spec.note in body should match '^[a-z]*$'` },
  { spec: { list: [{}] }, message: `[spec.list[0].name: Required value, ${notAsked}]` },
  { spec: { list: [{ name: 'a' }, { name: 'a' }] }, message: 'spec.list[1]: Duplicate value: {"name":"a"}' },
  { spec: { note: 'bad' }, message: 'spec: Invalid value: choose another note' },
  {
    spec: { note: 'bad', size: 0 },
    message:
      '[spec.size: Invalid value: 0: spec.size in body should be greater than or equal to 1, ' +
      'spec: Invalid value: choose another note]',
  },
];

it.for(refused)('$spec is refused with its field', async ({ spec, message }) => {
  expect(await refusal(ask.client.create(widgets, ask.widget(spec), { fieldManager }))).toEqual({
    code: 422,
    reason: 'Invalid',
    message: `Widget.contract.flint.dev "${ask.name}" is invalid: ${message}`,
  });
});

it('transitions are checked against what was there', async () => {
  await ask.client.create(widgets, ask.widget({ note: 'a' }), { fieldManager });
  const removal = ask.client.jsonPatch(widgets, ask.at, [{ op: 'remove', path: '/spec/note' }], { fieldManager });
  expect((await refusal(removal)).message).toContain('a note stays');
});

it('a status changes only by its own door, and nothing else through it', async () => {
  await ask.client.create(widgets, ask.widget({ size: 2 }), { fieldManager });
  await ask.client.mergePatch(
    widgets,
    ask.at,
    { status: { a: 1 }, spec: { size: 7 } },
    { fieldManager, subresource: 'status' },
  );
  await ask.client.mergePatch(widgets, ask.at, { status: { a: 2 } }, { fieldManager });
  const after = await ask.client.get(widgets, ask.at);
  expect(after).toMatchObject({ spec: { size: 2 }, status: { a: 1 }, metadata: { generation: 1 } });
});

it('a CRD whose default breaks a rule before the fields below it got their own is refused', async () => {
  const part = {
    type: 'object',
    default: {},
    properties: { least: { type: 'integer', default: 1 } },
    'x-kubernetes-validations': [{ rule: 'self.least > 0', message: 'too little' }],
  };
  const openAPIV3Schema = { type: 'object', properties: { spec: { type: 'object', properties: { part } } } };
  const crd = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'gadgets.contract.flint.dev' },
    spec: {
      group: 'contract.flint.dev',
      scope: 'Namespaced',
      names: { plural: 'gadgets', kind: 'Gadget' },
      versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema } }],
    },
  };
  expect(await refusal(ask.client.create(crds, crd, { fieldManager }))).toMatchObject({
    code: 422,
    message: expect.stringMatching(
      /spec\.validation\.openAPIV3Schema\.properties\[spec\]\.properties\[part\]\.default: Invalid value: .*no such key: least/iu,
    ) as string,
  });
});
