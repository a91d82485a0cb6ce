import type { KubeObject } from '../../../lib/kube/objects.ts';
import { typedPath } from '../fields/typed-path.ts';
import { type FieldFindings, goTypeOf, readByGoType } from '../kinds/go-fields.ts';
import { apiVersionOfKind, type Kind } from '../kinds/kind.ts';
import { validateMetadata } from '../metadata/validate-metadata.ts';
import { applyDefaults, prune } from '../schema/prune.ts';
import { hasRules, type RuleSet } from '../schema/rules.ts';
import type { Schema } from '../schema/schema.ts';
import { validateSchema } from '../schema/validate.ts';
import type { FieldError } from '../field-errors.ts';
import { invalid, refuse } from '../status.ts';

export type FieldValidation = 'Strict' | 'Warn' | 'Ignore';

export interface Admitted {
  readonly object: KubeObject;
  /** For the `Warning` headers. */
  readonly warnings: readonly string[];
}

/** How a write is checked for fields that its kind does not have. */
export interface FieldCheck {
  readonly validation: FieldValidation;
  /** The patch that made the object, as text, where one did: a server answers differently then. */
  readonly patch?: string;
}

/**
 * Unknown fields dropped, defaults filled in.
 * @throws StatusError BadRequest, or Invalid for a patch: unknown fields when validation is strict, fields of another type
 */
export function normalise(kind: Kind, object: KubeObject, check: FieldCheck): Admitted {
  const { fields, findings } = read(kind, object, false);
  const unknown = findings.unknown.map((field) => `unknown field "${field}"`);
  const [wrong] = findings.wrong;
  if (wrong !== undefined) {
    throw undecodable(kind, wrong.message, check);
  }
  if (unknown.length > 0 && check.validation === 'Strict') {
    throw undecodable(kind, `strict decoding error: ${unknown.join(', ')}`, check);
  }
  return { object: fillIn(kind, fields), warnings: check.validation === 'Warn' ? unknown : [] };
}

function undecodable(kind: Kind, why: string, { patch }: FieldCheck): Error {
  if (patch === undefined) {
    return refuse(
      'BadRequest',
      `${kind.kind} in version "${kind.version}" cannot be handled as a ${kind.kind}: ${why}`,
    );
  }
  const message = `Invalid value: ${JSON.stringify(patch)}: ${why}`;
  const cause = { field: 'patch', reason: 'FieldValueInvalid', message };
  return refuse('Invalid', ` "" is invalid: patch: ${message}`, { causes: [cause] });
}

interface Reading {
  readonly fields: KubeObject;
  readonly findings: FieldFindings;
}

/** A copy without the fields that the kind does not know. */
function read(kind: Kind, object: KubeObject, keepsZeros: boolean): Reading {
  const findings: FieldFindings = { unknown: [], wrong: [] };
  if (kind.schema !== undefined) {
    const { apiVersion, kind: name, metadata, ...rest } = object;
    const pruned = prune(rest, kind.schema, findings.unknown) as object;
    return { fields: { apiVersion, kind: name, metadata, ...pruned }, findings };
  }
  const type = goTypeOf(kind);
  const fields =
    type === undefined ? structuredClone(object) : readByGoType({ ...object }, type, { findings, keepsZeros });
  return { fields: fields as unknown as KubeObject, findings };
}

function fillIn(kind: Kind, object: KubeObject): KubeObject {
  if (kind.schema === undefined) {
    kind.fillIn(object);
    return object;
  }
  const { apiVersion, kind: name, metadata, ...rest } = object;
  return { apiVersion, kind: name, metadata, ...(applyDefaults(rest, kind.schema) as object) };
}

/**
 * What an applier states, without what its kind does not know. Defaults are not part of it: it would own them. Unlike other writes
 * it may not state what the schema does not know, whatever `fieldValidation` says.
 * @throws StatusError InternalError, the server's own word for it
 */
export function normaliseIntent(kind: Kind, intent: KubeObject): KubeObject {
  const { fields, findings } = read(kind, intent, true);
  const at = (path: string): string => typedPath(path, intent, kind.structure);
  const unknown = findings.unknown.map((path) => `${at(path)}: field not declared in schema`);
  const wrong = findings.wrong.map(({ path, wanted, got }) => `${at(path)}: expected ${typedWord(wanted)}, got ${got}`);
  if (unknown.length + wrong.length > 0) {
    const { namespace = '', name } = intent.metadata;
    const subject = `${namespace}/${name}; ${apiVersionOfKind(kind)}, Kind=${kind.kind}`;
    throw refuse(
      'InternalError',
      `failed to create typed patch object (${subject}): ${[...unknown, ...wrong].join('; ')}`,
    );
  }
  return fields;
}

/** A Go type as a schema without Go names it. */
function typedWord(type: string): string {
  if (type.startsWith('[]')) {
    return 'list';
  }
  return { int32: numeric, int64: numeric, float64: numeric, bool: 'boolean', string: 'string' }[type] ?? 'map';
}

const numeric = 'numeric (int or float)';

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
