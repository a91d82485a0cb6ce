import type { KubeObject } from '../../../lib/kube/objects.ts';
import { apiVersionOfKind, type Kind } from '../kinds/kind.ts';
import { validateMetadata } from '../metadata/validate-metadata.ts';
import { applyDefaults, prune } from '../schema/prune.ts';
import { hasRules, type RuleSet } from '../schema/rules.ts';
import type { Schema } from '../schema/schema.ts';
import { validateSchema } from '../schema/validate.ts';
import { type FieldError, invalid, refuse } from '../status.ts';

export type FieldValidation = 'Strict' | 'Warn' | 'Ignore';

export interface Admitted {
  readonly object: KubeObject;
  /** For the `Warning` headers. */
  readonly warnings: readonly string[];
}

/** Unknown fields dropped, defaults filled in. @throws StatusError BadRequest for unknown fields when validation is strict. */
export function normalise(kind: Kind, object: KubeObject, validation: FieldValidation): Admitted {
  const { schema } = kind;
  if (schema === undefined) {
    const copy = structuredClone(object);
    kind.fillIn(copy);
    return { object: copy, warnings: [] };
  }
  const dropped: string[] = [];
  const { apiVersion, kind: name, metadata, ...rest } = object;
  const pruned = prune(rest, schema, dropped) as object;
  const unknown = dropped.map((field) => `unknown field "${field}"`);
  if (unknown.length > 0 && validation === 'Strict') {
    throw refuse('BadRequest', `strict decoding error: ${unknown.join(', ')}`);
  }
  const filled = applyDefaults(pruned, schema) as object;
  return {
    object: { apiVersion, kind: name, metadata, ...filled },
    warnings: validation === 'Warn' ? unknown : [],
  };
}

/**
 * What an applier states, pruned. Defaults are not part of it: it would own them. Unlike other writes it may not state what
 * the schema does not know, whatever `fieldValidation` says.
 * @throws StatusError InternalError, the server's own word for it
 */
export function normaliseIntent(kind: Kind, intent: KubeObject): KubeObject {
  if (kind.schema === undefined) {
    return structuredClone(intent);
  }
  const { object, warnings } = normalise({ ...kind, schema: withoutDefaults(kind.schema) }, intent, 'Warn');
  const unknown = warnings.map((warning) => `.${/"(.*)"/u.exec(warning)?.[1] ?? ''}: field not declared in schema`);
  if (unknown.length > 0) {
    const { namespace = '', name } = intent.metadata;
    const subject = `${namespace}/${name}; ${apiVersionOfKind(kind)}, Kind=${kind.kind}`;
    throw refuse('InternalError', `failed to create typed patch object (${subject}): ${unknown.join('; ')}`);
  }
  return object;
}

const bare = new WeakMap<object, object>();

function withoutDefaults<T extends object>(schema: T): T {
  const known = bare.get(schema);
  if (known !== undefined) {
    return known as T;
  }
  const made = JSON.parse(
    JSON.stringify(schema, (name, value: unknown) => (name === 'default' ? undefined : value)),
  ) as T;
  bare.set(schema, made);
  return made;
}

/** @throws StatusError Invalid with every refused field. */
export function validate(kind: Kind, object: KubeObject, previous: KubeObject | undefined, rules: RuleSet): void {
  const errors = [...validateMetadata(object, previous), ...kind.validate(object, previous)];
  if (kind.schema !== undefined) {
    const bySchema = validateSchema(withoutMetadata(object), kind.schema);
    errors.push(...bySchema, ...checkRules(kind.schema, { object, previous, rules, bySchema }));
  }
  if (errors.length > 0) {
    throw invalid(kind, object.metadata.name, errors);
  }
}

/** What makes an object so wrong that its rules, which were written for another shape, are not asked. */
const blocking: readonly string[] = [
  'FieldValueRequired',
  'FieldValueTypeInvalid',
  'FieldValueTooLong',
  'FieldValueTooMany',
  'FieldValueNotSupported',
];

interface RuleCheck {
  readonly object: KubeObject;
  readonly previous: KubeObject | undefined;
  readonly rules: RuleSet;
  readonly bySchema: readonly FieldError[];
}

function checkRules(schema: Schema, { object, previous, rules, bySchema }: RuleCheck): FieldError[] {
  if (!bySchema.some(({ reason }) => blocking.includes(reason))) {
    return rules.check(forRules(object), previous === undefined ? undefined : forRules(previous), schema);
  }
  const message =
    'Invalid value: null: some validation rules were not checked because the object was invalid; ' +
    'correct the existing errors to complete validation';
  return hasRules(schema) ? [{ field: '<nil>', reason: 'FieldValueInvalid', message }] : [];
}

function withoutMetadata(object: KubeObject): object {
  const { metadata: _, ...rest } = object;
  return rest;
}

/** Rules at the root may read the name of an object, and nothing else of its metadata. */
function forRules(object: KubeObject): object {
  const { name, generateName } = object.metadata;
  return { ...object, metadata: { name, ...(generateName === undefined ? {} : { generateName }) } };
}
