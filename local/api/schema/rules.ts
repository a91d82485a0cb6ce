import type { Environment } from '@marcbachmann/cel-js';
import { errorMessage } from '../../../lib/errors.ts';
import { isObject } from '../fields/structure.ts';
import type { FieldError } from '../field-errors.ts';
import { makeEnvironment } from './cel/environment.ts';
import type { Schema, ValidationRule } from './schema.ts';

type Evaluate = (context: Record<string, unknown>) => unknown;

/** Evaluates the CEL rules of a schema (`x-kubernetes-validations`). Rules are compiled when first used. */
export class RuleSet {
  readonly #environment: Environment;
  readonly #compiled = new Map<string, Evaluate>();

  constructor() {
    this.#environment = makeEnvironment();
  }

  /** The refusals of `value` by all rules at and below `schema`. @param previous what it was, for transition rules. */
  check(value: unknown, previous: unknown, schema: Schema, path = ''): FieldError[] {
    const rules = schema['x-kubernetes-validations'] ?? [];
    const own = rules.flatMap((rule) => this.#checkRule(rule, { value, previous, schema, path }));
    return [...own, ...this.#checkBelow(value, previous, schema, path)];
  }

  #checkBelow(value: unknown, previous: unknown, schema: Schema, path: string): FieldError[] {
    const { items } = schema;
    if (Array.isArray(value) && items !== undefined) {
      // Items of a list without keys have no identity: transition rules do not apply to them.
      return value.flatMap((item, index) => this.check(item, undefined, items, `${path}[${index}]`));
    }
    if (!isObject(value)) {
      return [];
    }
    const values = typeof schema.additionalProperties === 'object' ? schema.additionalProperties : undefined;
    const old = isObject(previous) ? previous : {};
    return Object.entries(value).flatMap(([name, field]) => {
      const known = schema.properties?.[name] ?? values;
      return known === undefined ? [] : this.check(field, old[name], known, path === '' ? name : `${path}.${name}`);
    });
  }

  #checkRule(rule: ValidationRule, at: RulePlace): FieldError[] {
    const isTransition = /\boldSelf\b/u.test(rule.rule);
    if (isTransition && at.previous === undefined && rule.optionalOldSelf !== true) {
      return [];
    }
    const context = { self: toCel(at.value, at.schema), oldSelf: toCel(at.previous, at.schema) };
    const path = (at.path + (rule.fieldPath ?? '')).replace(/^\./u, '');
    // What a real server calls the object as a whole.
    const refusal = { field: path === '' ? '<nil>' : path, reason: rule.reason ?? 'FieldValueInvalid' };
    // As a real server: what is no scalar is not shown.
    const shown = typeof at.value === 'object' ? '' : `${JSON.stringify(at.value)}: `;
    try {
      if (this.#evaluate(rule.rule, context) === true) {
        return [];
      }
    } catch (error) {
      return [{ ...refusal, message: `Invalid value: ${shown}${errorMessage(error)} evaluating rule: ${rule.rule}` }];
    }
    return [{ ...refusal, message: `Invalid value: ${shown}${this.#messageOf(rule, context)}` }];
  }

  #messageOf(rule: ValidationRule, context: Record<string, unknown>): string {
    if (rule.messageExpression !== undefined) {
      try {
        return String(this.#evaluate(rule.messageExpression, context));
      } catch {
        // As a real server: a message that cannot be made falls back to the fixed one.
      }
    }
    return rule.message ?? `failed rule: ${rule.rule}`;
  }

  #evaluate(expression: string, context: Record<string, unknown>): unknown {
    const known = this.#compiled.get(expression);
    const evaluate = known ?? this.#environment.parse(expression);
    this.#compiled.set(expression, evaluate);
    return evaluate(context);
  }
}

/** Whether there is any rule at or below a schema. */
export function hasRules(schema: Schema): boolean {
  const { items, properties = {}, additionalProperties } = schema;
  const below = [...Object.values(properties), items, additionalProperties].filter((part) => typeof part === 'object');
  return (schema['x-kubernetes-validations'] ?? []).length > 0 || below.some(hasRules);
}

interface RulePlace {
  readonly value: unknown;
  readonly previous: unknown;
  readonly schema: Schema;
  readonly path: string;
}

/** CEL tells integers from floating-point numbers; JSON does not, the schema does. */
function toCel(value: unknown, schema: Schema | undefined): unknown {
  if (typeof value === 'number') {
    return schema?.type === 'number' ? value : Number.isInteger(value) ? BigInt(value) : value;
  }
  if (Array.isArray(value)) {
    return value.map((item) => toCel(item, schema?.items));
  }
  if (!isObject(value)) {
    return value;
  }
  const values = typeof schema?.additionalProperties === 'object' ? schema.additionalProperties : undefined;
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => [name, toCel(field, schema?.properties?.[name] ?? values)]),
  );
}
