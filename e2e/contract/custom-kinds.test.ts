import { expect, it } from 'vitest';
import { askTarget, fieldManager, refusal, type Widget, widgets } from './world.ts';

const ask = askTarget();

it('a custom object gets defaults, loses unknown fields, and starts with the default of its status', async () => {
  const lenient = await ask.client.apply<Widget>(widgets, ask.widget({ note: 'ok', unknown: 1 }), { fieldManager });
  expect(lenient.spec).toEqual({ note: 'ok', size: 3 });
  expect(lenient.status).toEqual({ observedGeneration: -1 });
});

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
    message: 'spec.size: Invalid value: "string": spec.size in body must be of type integer: "string"',
  },
  { spec: { note: 'toolong' }, message: 'spec.note: Too long: may not be more than 5 bytes' },
  { spec: { note: 'A' }, message: `spec.note: Invalid value: "A": spec.note in body should match '^[a-z]*$'` },
  { spec: { list: [{}] }, message: 'spec.list[0].name: Required value' },
  { spec: { list: [{ name: 'a' }, { name: 'a' }] }, message: 'spec.list[1]: Duplicate value: {"name":"a"}' },
  { spec: { note: 'bad' }, message: 'spec: Invalid value: "object": choose another note' },
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
