import { describe, it } from 'vitest';
import { at, type Case, expectRefused, list, mapOf, object, type Schema, text, withSpec } from './crd-drafts.ts';
import { askTarget } from './world.ts';

/** What a server refuses of the keywords of its own: how values merge, and rules. */

const ask = askTarget();

const extensions: readonly Case[] = [
  {
    title: 'no unknown fields, said',
    schema: withSpec({ type: 'object', 'x-kubernetes-preserve-unknown-fields': false }),
    field: `${at}.x-kubernetes-preserve-unknown-fields`,
    says: 'Invalid value: false: must be true or undefined',
  },
  {
    title: 'int-or-string with unknown fields',
    schema: withSpec({ 'x-kubernetes-int-or-string': true, 'x-kubernetes-preserve-unknown-fields': true }),
    field: `${at}.x-kubernetes-preserve-unknown-fields`,
    says: 'Invalid value: true: must be false if x-kubernetes-int-or-string is true',
  },
  {
    title: 'an embedded text',
    schema: withSpec({ ...text, 'x-kubernetes-embedded-resource': true }),
    field: `${at}.type`,
    says: 'Invalid value: "string": must be object if x-kubernetes-embedded-resource is true',
  },
  {
    title: 'an embedded object of nothing',
    schema: withSpec({ type: 'object', 'x-kubernetes-embedded-resource': true }),
    field: `${at}.properties`,
    says: 'Required value: must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields',
  },
  {
    title: 'a list type of a text',
    schema: withSpec({ ...text, 'x-kubernetes-list-type': 'set' }),
    field: `${at}.type`,
    says: 'Invalid value: "string": must be array if x-kubernetes-list-type is specified',
  },
  {
    title: 'an unknown list type',
    schema: withSpec(list(text, { 'x-kubernetes-list-type': 'bag' })),
    field: `${at}.x-kubernetes-list-type`,
    says: 'Unsupported value: "bag": supported values: "atomic", "set", "map"',
  },
  {
    title: 'a map type of a list',
    schema: withSpec(list(text, { 'x-kubernetes-map-type': 'atomic' })),
    field: `${at}.type`,
    says: 'Invalid value: "array": must be object if x-kubernetes-map-type is specified',
  },
  {
    title: 'a map without keys',
    schema: withSpec(list(object({ a: text }), mapOf(undefined))),
    field: `${at}.x-kubernetes-list-map-keys`,
    says: 'Required value: must not be empty if x-kubernetes-list-type is map',
  },
  {
    title: 'keys of no map',
    schema: withSpec(list(object({ a: text }), { 'x-kubernetes-list-map-keys': ['a'] })),
    field: `${at}.x-kubernetes-list-type`,
    says: 'Required value: must be map if x-kubernetes-list-map-keys is non-empty',
  },
  {
    title: 'a map of texts',
    schema: withSpec(list(text, mapOf(['a']))),
    field: `${at}.items.type`,
    says: "must be object if parent array's x-kubernetes-list-type is map",
  },
  {
    title: 'a key that there is not',
    schema: withSpec(list(object({ a: text }), mapOf(['b']))),
    field: `${at}.x-kubernetes-list-map-keys`,
    says: 'entries must all be names of item properties',
  },
  {
    title: 'a key that may be absent',
    schema: withSpec(list(object({ a: text }), mapOf(['a']))),
    field: `${at}.items.properties[a].default`,
    says: 'Required value: this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property',
  },
  {
    title: 'a key that may be null',
    schema: withSpec(list(object({ a: { ...text, nullable: true } }, { required: ['a'] }), mapOf(['a']))),
    field: `${at}.items.properties[a].nullable`,
    says: 'Forbidden: this property is in x-kubernetes-list-map-keys, so it cannot be nullable',
  },
  {
    title: 'a key that is an object',
    schema: withSpec(list(object({ a: object({ b: text }) }, { required: ['a'] }), mapOf(['a']))),
    field: `${at}.items.properties[a].type`,
    says: "must be a scalar type if parent array's x-kubernetes-list-type is map",
  },
  {
    title: 'a set of objects that merge',
    schema: withSpec(list(object({ a: text }), { 'x-kubernetes-list-type': 'set' })),
    field: `${at}.items.x-kubernetes-map-type`,
    says: 'must be atomic as item of a list with x-kubernetes-list-type=set',
  },
  {
    title: 'a set of nulls',
    schema: withSpec(list({ ...text, nullable: true }, { 'x-kubernetes-list-type': 'set' })),
    field: `${at}.items.nullable`,
    says: 'Forbidden: cannot be nullable when x-kubernetes-list-type is set',
  },
];

const rule = (fields: Schema): Schema => withSpec({ ...text, maxLength: 9, 'x-kubernetes-validations': [fields] });
const ruleAt = `${at}.x-kubernetes-validations[0]`;
const rules: readonly Case[] = [
  {
    title: 'that says nothing',
    schema: rule({ rule: ' ' }),
    field: `${ruleAt}.rule`,
    says: 'Required value: rule is not specified',
  },
  {
    title: 'with an empty message',
    schema: rule({ rule: 'true', message: ' ' }),
    field: `${ruleAt}.message`,
    says: 'must be non-empty if specified',
  },
  {
    title: 'of several lines without message',
    schema: rule({ rule: 'true &&\ntrue' }),
    field: `${ruleAt}.message`,
    says: 'Required value: message must be specified if rule contains line breaks',
  },
  {
    title: 'for an unknown reason',
    schema: rule({ rule: 'true', reason: 'Because' }),
    field: `${ruleAt}.reason`,
    says: 'Unsupported value: "Because": supported values: "FieldValueDuplicate", "FieldValueForbidden", "FieldValueInvalid", "FieldValueRequired"',
  },
  { title: 'that is no CEL', schema: rule({ rule: 'self ==' }), field: `${ruleAt}.rule`, says: 'compilation failed' },
  {
    title: 'about a field that there is not',
    schema: withSpec({ ...object({ a: text }), 'x-kubernetes-validations': [{ rule: 'self.b == self.a' }] }),
    field: `${ruleAt}.rule`,
    says: "compilation failed: ERROR: <input>:1:5: undefined field 'b'",
  },
  {
    title: 'about a name that there is not',
    schema: rule({ rule: 'slf == self' }),
    field: `${ruleAt}.rule`,
    says: "ERROR: <input>:1:1: undeclared reference to 'slf' (in container '')",
  },
  {
    title: 'that is no yes or no',
    schema: rule({ rule: 'self.size() + 1' }),
    field: `${ruleAt}.rule`,
    says: 'cel expression must evaluate to a bool',
  },
  {
    title: 'about what an item was in a list without keys',
    schema: withSpec(
      list({ ...text, maxLength: 9, 'x-kubernetes-validations': [{ rule: 'self == oldSelf' }] }, { maxItems: 9 }),
    ),
    field: `${at}.items.x-kubernetes-validations[0].rule`,
    says: `oldSelf cannot be used on the uncorrelatable portion of the schema within ${at}`,
  },
  {
    title: 'about what may not have been, although it does not ask',
    schema: rule({ rule: "self != ''", optionalOldSelf: true }),
    field: `${ruleAt}.optionalOldSelf`,
    says: 'may not be set if oldSelf is not used in rule',
  },
];

describe.each(
  Object.entries({
    'with an extension out of its place': extensions,
    'with a rule': rules,
  }),
)('a schema %s', (_, cases) => {
  it.for(cases)('$title is refused with its field', (tc) => expectRefused(ask, tc));
});
