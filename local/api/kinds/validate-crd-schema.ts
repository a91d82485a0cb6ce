import { checkRules } from '../schema/cel/check-rules.ts';
import { type FieldError, invalidValue } from '../field-errors.ts';
import { deepEqual } from '../fields/structure.ts';
import { prune } from '../schema/prune.ts';
import { RuleSet } from '../schema/rules.ts';
import type { Schema } from '../schema/schema.ts';
import { checkKeywords, checkRoot } from '../schema/structural/keywords.ts';
import type { RawSchema } from '../schema/structural/raw-schema.ts';
import { checkStructural } from '../schema/structural/structural.ts';
import { validateSchema } from '../schema/validate.ts';

/**
 * The refusals of the schema of one version, in the order of a real server: one that is not structural is not asked for its
 * defaults, and one with any mistake not for its rules.
 */
export function checkVersionSchema(schema: RawSchema, path: string, hasStatus: boolean): FieldError[] {
  const structural = checkStructural(schema, path);
  // Structural, so every keyword is where it belongs and has the form that it should have.
  const sound = schema as Schema;
  const defaults = structural.length === 0 ? checkDefaults(sound, path, new RuleSet()) : [];
  const keywords = checkKeywords(schema, path, { isRoot: true, isMetadata: false });
  const errors = [...checkRoot(schema, path, hasStatus), ...structural, ...defaults, ...keywords];
  return errors.length === 0 ? checkRules(sound, path) : errors;
}

/**
 * A default is judged as it stands, before the fields below it get theirs: a rule that reads such a field without `has()`
 * refuses it.
 */
function checkDefaults(schema: Schema, place: string, rules: RuleSet): FieldError[] {
  const { items, properties = {} } = schema;
  return [
    ...checkDefault(schema, `${place}.default`, rules),
    ...(items === undefined ? [] : checkDefaults(items, `${place}.items`, rules)),
    ...Object.entries(properties).flatMap(([name, part]) => checkDefaults(part, `${place}.properties[${name}]`, rules)),
  ];
}

function checkDefault(schema: Schema, place: string, rules: RuleSet): FieldError[] {
  const value = schema.default;
  if (value === undefined) {
    return [];
  }
  const isPruned = deepEqual(prune(value, schema, []), value);
  const unknown = isPruned ? [] : [invalidValue(place, value, 'must not have unknown fields')];
  const bySchema = validateSchema(value, schema);
  const refusals = bySchema.length > 0 ? bySchema : rules.check(value, undefined, schema);
  const placed = refusals.map((error) => ({
    ...error,
    field: [place, error.field].filter((part) => part !== '' && part !== '<nil>').join('.'),
  }));
  return [...unknown, ...placed];
}
