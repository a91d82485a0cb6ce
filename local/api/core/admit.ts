import type { KubeObject } from '../../../lib/kube/objects.ts';
import { validateName } from '../kinds/validate-builtin.ts';
import type { Kind } from '../kinds/kind.ts';
import { applyDefaults, prune } from '../schema/prune.ts';
import type { RuleSet } from '../schema/rules.ts';
import { validateSchema } from '../schema/validate.ts';
import { invalid, refuse } from '../status.ts';

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

/** @throws StatusError Invalid with every refused field. */
export function validate(kind: Kind, object: KubeObject, previous: KubeObject | undefined, rules: RuleSet): void {
  const errors = [...validateName(object), ...kind.validate(object, previous)];
  if (kind.schema !== undefined) {
    const bySchema = validateSchema(withoutMetadata(object), kind.schema);
    errors.push(...bySchema);
    // As a real server: rules see only objects that have the shape they were written for.
    if (bySchema.length === 0) {
      errors.push(
        ...rules.check(forRules(object), previous === undefined ? undefined : forRules(previous), kind.schema),
      );
    }
  }
  if (errors.length > 0) {
    throw invalid(kind, object.metadata.name, errors);
  }
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
