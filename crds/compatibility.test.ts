import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Schema } from '../local/api/schema/schema.ts';
import { type Change, findIncompatibilities } from './compatibility.ts';
import { type Crd, readCrds } from './read-crds.ts';

const released = join(import.meta.dirname, 'released');

function aCrd(field: Schema | undefined, spec: Partial<Schema> = {}, top: Partial<Crd['spec']> = {}): Crd {
  const fields = field === undefined ? {} : { field };
  const schema: Schema = { type: 'object', properties: { spec: { type: 'object', properties: fields, ...spec } } };
  const names = { kind: 'Thing', plural: 'things' };
  const versions = [{ name: 'v1', schema: { openAPIV3Schema: schema } }];
  const group = 'example.com';
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'things.example.com' },
    spec: { group, names, scope: 'Namespaced', versions, ...top },
  };
}

const text: Schema = { type: 'string', maxLength: 10, minLength: 2 };
const list: Schema = { type: 'array', items: text, maxItems: 5, 'x-kubernetes-list-type': 'atomic' };
const keyed: Schema = { ...list, 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'] };

describe('a change that breaks objects or clients of before', () => {
  const cases: { name: string; before: Crd; after: Crd; want: [Change, string][] }[] = [
    { name: 'a field is gone', before: aCrd(list), after: aCrd(undefined), want: [['fieldRemoval', 'v1 spec.field']] },
    {
      name: 'a field deep inside is gone',
      before: aCrd({ type: 'array', items: { type: 'object', properties: { a: text } } }),
      after: aCrd({ type: 'array', items: { type: 'object', properties: {} } }),
      want: [['fieldRemoval', 'v1 spec.field[].a']],
    },
    {
      name: 'a field is required',
      before: aCrd(text),
      after: aCrd(text, { required: ['field'] }),
      want: [['required', 'v1 spec']],
    },
    {
      name: 'a new field is required',
      before: aCrd(undefined),
      after: aCrd(text, { required: ['field'] }),
      want: [['required', 'v1 spec']],
    },
    {
      name: 'a field has another type',
      before: aCrd({ type: 'integer' }),
      after: aCrd({ type: 'string' }),
      want: [['type', 'v1 spec.field']],
    },
    {
      name: 'a choice is gone',
      before: aCrd({ type: 'string', enum: ['A', 'B'] }),
      after: aCrd({ type: 'string', enum: ['A'] }),
      want: [['enum', 'v1 spec.field']],
    },
    {
      name: 'any text becomes a choice',
      before: aCrd({ type: 'string' }),
      after: aCrd({ type: 'string', enum: ['A'] }),
      want: [['enum', 'v1 spec.field']],
    },
    {
      name: 'bounds of a number are closer',
      before: aCrd({ type: 'integer', minimum: 0, maximum: 10 }),
      after: aCrd({ type: 'integer', minimum: 1, maximum: 9 }),
      want: [
        ['minimum', 'v1 spec.field'],
        ['maximum', 'v1 spec.field'],
      ],
    },
    {
      name: 'a text may have fewer characters, and must have more',
      before: aCrd(text),
      after: aCrd({ ...text, maxLength: 9, minLength: 3 }),
      want: [
        ['minimum', 'v1 spec.field'],
        ['maximum', 'v1 spec.field'],
      ],
    },
    {
      name: 'a list that had no bound gets one',
      before: aCrd({ type: 'array', items: text }),
      after: aCrd({ type: 'array', items: text, maxItems: 100 }),
      want: [['maximum', 'v1 spec.field']],
    },
    {
      name: 'a map may have fewer entries',
      before: aCrd({ type: 'object', additionalProperties: text, maxProperties: 5 }),
      after: aCrd({ type: 'object', additionalProperties: text, maxProperties: 4 }),
      want: [['maximum', 'v1 spec.field']],
    },
    {
      name: 'a default is another one',
      before: aCrd({ ...text, default: 'aa' }),
      after: aCrd({ ...text, default: 'bb' }),
      want: [['default', 'v1 spec.field']],
    },
    {
      name: 'a pattern is another one',
      before: aCrd({ ...text, pattern: '^a' }),
      after: aCrd({ ...text, pattern: '^b' }),
      want: [['pattern', 'v1 spec.field']],
    },
    { name: 'a list merges otherwise', before: aCrd(list), after: aCrd(keyed), want: [['listType', 'v1 spec.field']] },
    {
      name: 'a list merges by another key',
      before: aCrd(keyed),
      after: aCrd({ ...keyed, 'x-kubernetes-list-map-keys': ['path'] }),
      want: [['listType', 'v1 spec.field']],
    },
    {
      name: 'unknown fields are pruned',
      before: aCrd({ type: 'object', 'x-kubernetes-preserve-unknown-fields': true }),
      after: aCrd({ type: 'object' }),
      want: [['unknownFields', 'v1 spec.field']],
    },
    {
      name: 'a rule is new',
      before: aCrd(text),
      after: aCrd({ ...text, 'x-kubernetes-validations': [{ rule: "self != 'code'" }] }),
      want: [['rule', 'v1 spec.field']],
    },
    {
      name: 'a version is gone',
      before: aCrd(text),
      after: aCrd(text, {}, { versions: [] }),
      want: [['versionRemoval', 'v1']],
    },
    {
      name: 'the scope is another one',
      before: aCrd(text),
      after: aCrd(text, {}, { scope: 'Cluster' }),
      want: [['scope', '']],
    },
  ];
  it.each(cases)('$name', ({ before, after, want }) => {
    expect(findIncompatibilities(before, after).map(({ change, place }) => [change, place])).toEqual(want);
  });
});

describe('a change that breaks nothing', () => {
  const cases: { name: string; before: Crd; after: Crd }[] = [
    { name: 'a field is new', before: aCrd(undefined), after: aCrd(text) },
    {
      name: 'a new field with a default is required',
      before: aCrd(undefined),
      after: aCrd({ ...text, default: 'aa' }, { required: ['field'] }),
    },
    { name: 'a field is required no more', before: aCrd(text, { required: ['field'] }), after: aCrd(text) },
    {
      name: 'bounds are wider',
      before: aCrd(text),
      after: aCrd({ ...text, maxLength: 11, minLength: 1 }),
    },
    {
      name: 'a choice is new',
      before: aCrd({ type: 'string', enum: ['A'] }),
      after: aCrd({ type: 'string', enum: ['B', 'A'] }),
    },
    { name: 'a pattern is gone', before: aCrd({ ...text, pattern: '^a' }), after: aCrd(text) },
    { name: 'a description is another one', before: aCrd(text), after: aCrd({ ...text, description: 'A field.' }) },
    {
      name: 'a message is another one',
      before: aCrd({ ...text, 'x-kubernetes-validations': [{ rule: 'true', message: 'a' }] }),
      after: aCrd({ ...text, 'x-kubernetes-validations': [{ rule: 'true', message: 'b' }] }),
    },
  ];
  it.each(cases)('$name', ({ before, after }) => {
    expect(findIncompatibilities(before, after)).toEqual([]);
  });
});

/** Numerically: 0.10.0 comes after 0.9.0. */
const latest =
  readdirSync(released)
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
    .at(-1) ?? '';

/** On purpose: a Function with a dot in its name had no Service on a real cluster, and never became ready. */
const narrowed: Readonly<Record<string, unknown>> = {
  'functions.flint.dev': [
    { change: 'rule', place: 'v1alpha1', detail: "self.metadata.name.matches('^[a-z]([-a-z0-9]*[a-z0-9])?$')" },
  ],
};

describe(`the CRDs since ${latest}`, () => {
  const now = readCrds();

  it.each(readCrds(join(released, latest)))('$metadata.name takes every object that was valid', (before) => {
    const after = now.find(({ metadata }) => metadata.name === before.metadata.name);
    const found = after === undefined ? ['the kind is gone'] : findIncompatibilities(before, after);
    expect(found).toEqual(narrowed[before.metadata.name] ?? []);
  });
});
