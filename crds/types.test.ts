import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { describe, expect, it } from 'vitest';
import type { Schema } from '../local/api/schema/schema.ts';
import { type DeclaredType, type ObjectType, TypeReader } from './declared-types.ts';

const kinds = [
  { crd: 'functions', file: 'lib/api/function.ts', spec: 'FunctionSpec', status: 'FunctionStatus' },
  { crd: 'revisions', file: 'lib/api/revision.ts', spec: 'RevisionSpec', status: 'RevisionStatus' },
  { crd: 'runtimes', file: 'lib/api/runtime.ts', spec: 'RuntimeSpec', status: undefined },
];

/** In the schema so that they can be refused with a message of their own; nobody reads them. */
const reserved = ['spec.source.git', 'spec.source.oci'];

const reader = new TypeReader(kinds.map(({ file }) => file));

function schemaOf(crd: string): Schema {
  const { spec } = load(readFileSync(join(import.meta.dirname, `${crd}.yaml`), 'utf8')) as {
    spec: { versions: { schema: { openAPIV3Schema: Schema } }[] };
  };
  return spec.versions[0]?.schema.openAPIV3Schema ?? {};
}

/** Where a type and its schema say different things. */
function compare(type: DeclaredType, schema: Schema, path: string): string[] {
  switch (type.kind) {
    case 'unknown':
      return [];
    case 'object':
      return compareObject(type, schema, path);
    case 'list':
      return schema.type === 'array' && schema.items !== undefined
        ? compare(type.items, schema.items, `${path}[]`)
        : [`${path}: a list in the type, ${String(schema.type)} in the schema`];
    case 'map':
      return typeof schema.additionalProperties === 'object'
        ? compare(type.values, schema.additionalProperties, `${path}{}`)
        : schema['x-kubernetes-preserve-unknown-fields'] === true
          ? []
          : [`${path}: a map in the type, not in the schema`];
    case 'choice':
      return JSON.stringify(type.choices) === JSON.stringify([...(schema.enum ?? [])].map(String).toSorted())
        ? []
        : [`${path}: ${type.choices.join(', ')} in the type, ${(schema.enum ?? []).join(', ')} in the schema`];
    case 'int-or-string':
      return schema['x-kubernetes-int-or-string'] === true ? [] : [`${path}: number or string in the type only`];
    case 'string':
    case 'number':
    case 'boolean':
      return schemaKind(schema) === type.kind
        ? []
        : [`${path}: ${type.kind} in the type, ${schemaKind(schema)} in the schema`];
  }
}

function schemaKind(schema: Schema): string {
  return schema.type === 'integer' || schema.type === 'number' ? 'number' : String(schema.type);
}

function compareObject(type: ObjectType, schema: Schema, path: string): string[] {
  const properties = schema.properties ?? {};
  const names = new Set([...type.fields.keys(), ...Object.keys(properties)]);
  return [...names].flatMap((name) => {
    const at = `${path}.${name}`;
    const [field, property] = [type.fields.get(name), properties[name]];
    if (property === undefined) {
      return type.isForeign ? [] : [`${at}: in the type only`];
    }
    if (field === undefined) {
      return reserved.includes(at) ? [] : [`${at}: in the schema only`];
    }
    const isRequired = schema.required?.includes(name) === true;
    const need =
      type.isForeign || isRequired === !field.isOptional
        ? []
        : [`${at}: ${field.isOptional ? 'optional' : 'required'} in the type, the other way round in the schema`];
    // Of what Kubernetes declares only the names are compared: its client has dates and choices as plain strings.
    return [...need, ...(type.isForeign && field.type.kind !== 'object' ? [] : compare(field.type, property, at))];
  });
}

describe.each(kinds)('$crd', ({ crd, file, spec, status }) => {
  it('has the fields of its types, and they have its own', () => {
    const { properties = {} } = schemaOf(crd);
    expect(compare(reader.read(file, spec), properties['spec'] ?? {}, 'spec')).toEqual([]);
    if (status !== undefined) {
      expect(compare(reader.read(file, status), properties['status'] ?? {}, 'status')).toEqual([]);
    }
  });
});

describe('a difference is told:', () => {
  const schema: Schema = {
    type: 'object',
    required: ['name'],
    properties: { name: { type: 'string' }, size: { type: 'integer' }, mode: { type: 'string', enum: ['A', 'B'] } },
  };
  const fields = {
    name: { isOptional: false, type: { kind: 'string' } },
    size: { isOptional: true, type: { kind: 'number' } },
    mode: { isOptional: true, type: { kind: 'choice', choices: ['A', 'B'] } },
  } as const;
  const typeOf = (changed: Readonly<Record<string, unknown>>): ObjectType => {
    const all = Object.entries({ ...fields, ...changed } as Record<string, unknown>);
    return {
      kind: 'object',
      isForeign: false,
      fields: new Map(all.filter(([, field]) => field !== undefined)) as ObjectType['fields'],
    };
  };
  it.each([
    { what: 'nothing', changed: {}, want: [] },
    { what: 'a field of the type', changed: { more: fields.name }, want: ['x.more: in the type only'] },
    { what: 'a field of the schema', changed: { size: undefined }, want: ['x.size: in the schema only'] },
    {
      what: 'another scalar',
      changed: { size: { isOptional: true, type: { kind: 'string' } } },
      want: ['x.size: string in the type, number in the schema'],
    },
    {
      what: 'a choice less',
      changed: { mode: { isOptional: true, type: { kind: 'choice', choices: ['A'] } } },
      want: ['x.mode: A in the type, A, B in the schema'],
    },
    {
      what: 'a requirement',
      changed: { name: { ...fields.name, isOptional: true } },
      want: ['x.name: optional in the type, the other way round in the schema'],
    },
  ])('$what', ({ changed, want }) => {
    expect(compare(typeOf(changed), schema, 'x')).toEqual(want);
  });
});
