import type { KubeObject } from '../../../lib/kube/objects.ts';
import { RuleSet } from '../schema/rules.ts';
import type { Schema } from '../schema/schema.ts';
import { validateSchema } from '../schema/validate.ts';
import type { FieldError } from '../status.ts';
import type { CustomResourceDefinition } from './custom.ts';

/**
 * The refusals of a CRD whose defaults break its own schema or rules. A default is judged as it stands, before the fields below
 * it get theirs: a rule that reads such a field without `has()` refuses it.
 */
export function validateCrd(object: KubeObject): FieldError[] {
  const { versions } = (object as CustomResourceDefinition).spec;
  const rules = new RuleSet();
  return versions.flatMap(({ schema }, index) => {
    // One version is reported where apiextensions/v1beta1 had it.
    const place = versions.length === 1 ? 'spec.validation' : `spec.versions[${index}].schema`;
    const root = schema?.openAPIV3Schema;
    return root === undefined ? [] : checkDefaults(root, `${place}.openAPIV3Schema`, rules);
  });
}

function checkDefaults(schema: Schema, place: string, rules: RuleSet): FieldError[] {
  const own = schema.default === undefined ? [] : checkDefault(schema.default, schema, rules);
  const { items, properties = {}, additionalProperties } = schema;
  return [
    ...own.map((error) => ({
      ...error,
      field: [`${place}.default`, error.field].filter((part) => part !== '' && part !== '<nil>').join('.'),
    })),
    ...Object.entries(properties).flatMap(([name, part]) => checkDefaults(part, `${place}.properties[${name}]`, rules)),
    ...(items === undefined ? [] : checkDefaults(items, `${place}.items`, rules)),
    ...(typeof additionalProperties === 'object'
      ? checkDefaults(additionalProperties, `${place}.additionalProperties`, rules)
      : []),
  ];
}

function checkDefault(value: unknown, schema: Schema, rules: RuleSet): FieldError[] {
  const bySchema = validateSchema(value, schema);
  return bySchema.length > 0 ? bySchema : rules.check(value, undefined, schema);
}
