import { describe, it } from 'vitest';
import { at, type Case, expectRefused, list, object, root, text, withSpec } from './crd-drafts.ts';
import { askTarget } from './world.ts';

/** Schemas that a server refuses, for which field and why: they have to say of each value what it is, in one place. */

const ask = askTarget();

const structural: readonly Case[] = [
  {
    title: 'a field without type',
    schema: withSpec({}),
    field: `${at}.type`,
    says: 'Required value: must not be empty for specified object fields',
  },
  {
    title: 'items without type',
    schema: withSpec(list({})),
    field: `${at}.items.type`,
    says: 'Required value: must not be empty for specified array items',
  },
  {
    title: 'a root without type',
    schema: { properties: { spec: text } },
    field: `${root}.type`,
    says: 'Required value: must not be empty at the root',
  },
  {
    title: 'a root that is no object',
    schema: { type: 'array', items: text },
    field: `${root}.type`,
    says: 'Invalid value: "array": must be object at the root',
  },
  {
    title: 'a nullable root',
    schema: { type: 'object', nullable: true },
    field: `${root}.nullable`,
    says: 'Forbidden: nullable cannot be true at the root',
  },
  {
    title: 'a list of nothing',
    schema: withSpec(list(undefined)),
    field: `${at}.items`,
    says: 'Required value: must be specified',
  },
  {
    title: 'values at the root',
    schema: { type: 'object', additionalProperties: text },
    field: `${root}.additionalProperties`,
    says: 'Forbidden: must not be used at the root',
  },
  {
    title: 'fields and values',
    schema: withSpec(object({ a: text }, { additionalProperties: text })),
    field: `${at}.additionalProperties`,
    says: 'Forbidden: additionalProperties and properties are mutual exclusive',
  },
  {
    title: 'fields and no others',
    schema: withSpec(object({ a: text }, { additionalProperties: false })),
    field: `${at}.additionalProperties`,
    says: 'Forbidden: additionalProperties and properties are mutual exclusive',
  },
  {
    title: 'a pattern that is none',
    schema: withSpec({ ...text, pattern: '(' }),
    field: `${at}.pattern`,
    says: "must be a valid regular expression, but isn't",
  },
  {
    title: 'a type under anyOf',
    schema: withSpec({ ...text, anyOf: [text] }),
    field: `${at}.anyOf[0].type`,
    says: 'Forbidden: must be empty to be structural',
  },
  {
    title: 'a description under allOf',
    schema: withSpec({ ...text, allOf: [{ description: 'a' }] }),
    field: `${at}.allOf[0].description`,
    says: 'Forbidden: must be empty to be structural',
  },
  {
    title: 'a default under not',
    schema: withSpec({ ...text, not: { default: 'a' } }),
    field: `${at}.not.default`,
    says: 'Forbidden: must be undefined to be structural',
  },
  {
    title: 'null under oneOf',
    schema: withSpec({ ...text, oneOf: [{ nullable: true }] }),
    field: `${at}.oneOf[0].nullable`,
    says: 'Forbidden: must be false to be structural',
  },
  {
    title: 'values under allOf',
    schema: withSpec({ type: 'object', allOf: [{ additionalProperties: {} }] }),
    field: `${at}.allOf[0].additionalProperties`,
    says: 'Forbidden: must be undefined to be structural',
  },
  {
    title: 'a field of anyOf that there is not',
    schema: object({ spec: text }, { anyOf: [{ properties: { other: {} } }] }),
    field: `${root}.properties[other]`,
    says: `Required value: because it is defined in ${root}.anyOf[0].properties[other]`,
  },
  {
    title: 'a word about metadata',
    schema: object({ metadata: object({ labels: { type: 'object' } }) }),
    field: `${root}.properties[metadata]`,
    says: 'Forbidden: must not specify anything other than name and generateName, but metadata is implicitly specified',
  },
  {
    title: 'metadata that is no object',
    schema: object({ metadata: text }),
    field: `${root}.properties[metadata].type`,
    says: 'must be object',
  },
  {
    title: 'a kind that is no text',
    schema: object({ kind: { type: 'integer' } }),
    field: `${root}.properties[kind].type`,
    says: 'Invalid value: "integer": must be string',
  },
];

const keywords: readonly Case[] = [
  {
    title: '$ref',
    schema: withSpec({ ...text, $ref: '#/a' }),
    field: `${at}.$ref`,
    says: 'Forbidden: $ref is not supported',
  },
  { title: 'id', schema: withSpec({ ...text, id: 'a' }), field: `${at}.id`, says: 'Forbidden: id is not supported' },
  {
    title: 'patternProperties',
    schema: withSpec(object({}, { patternProperties: { a: text } })),
    field: `${at}.patternProperties`,
    says: 'Forbidden: patternProperties is not supported',
  },
  {
    title: 'definitions',
    schema: withSpec(object({}, { definitions: { a: text } })),
    field: `${at}.definitions`,
    says: 'Forbidden: definitions is not supported',
  },
  {
    title: 'dependencies',
    schema: withSpec(object({}, { dependencies: { a: ['b'] } })),
    field: `${at}.dependencies`,
    says: 'Forbidden: dependencies is not supported',
  },
  {
    title: 'uniqueItems',
    schema: withSpec(list(text, { uniqueItems: true })),
    field: `${at}.uniqueItems`,
    says: 'Forbidden: uniqueItems cannot be set to true since the runtime complexity becomes quadratic',
  },
  {
    title: 'an unknown type',
    schema: withSpec({ type: 'text' }),
    field: `${at}.type`,
    says: 'Unsupported value: "text": supported values: "array", "boolean", "integer", "number", "object", "string"',
  },
  {
    title: 'a default in metadata',
    schema: object({ kind: { ...text, default: 'a' } }),
    field: `${root}.properties[kind].default`,
    says: 'Forbidden: must not be set in top-level kind',
  },
];

const defaults: readonly Case[] = [
  {
    title: 'of another type',
    schema: withSpec(object({ a: { type: 'integer', default: 'a' } })),
    field: `${at}.properties[a].default`,
    says: 'must be of type integer',
  },
  {
    title: 'beyond a bound',
    schema: withSpec(object({ a: { type: 'integer', minimum: 2, default: 1 } })),
    field: `${at}.properties[a].default`,
    says: 'should be greater than or equal to 2',
  },
  {
    title: 'with a field that there is not',
    schema: withSpec(object({ a: text }, { default: { b: 'b' } })),
    field: `${at}.default`,
    says: 'must not have unknown fields',
  },
];

describe.each(
  Object.entries({
    'that is not structural': structural,
    'with a keyword that is not for CRDs': keywords,
    'with a default': defaults,
  }),
)('a schema %s', (_, cases) => {
  it.for(cases)('$title is refused with its field', (tc) => expectRefused(ask, tc));
});
