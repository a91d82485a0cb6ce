import { type FieldError, invalidValue, notSupported, required, tooLong } from '../field-errors.ts';
import { deepEqual, isObject, itemKey, type JsonObject } from '../fields/structure.ts';
import type { Schema } from './schema.ts';

/** The refusals of `value` by the schema without its CEL rules, in the words of a real server. */
export function validateSchema(value: unknown, schema: Schema, path = ''): FieldError[] {
  if (value === null && schema.nullable === true) {
    return [];
  }
  const wrongType = checkType(value, schema, path);
  if (wrongType !== undefined) {
    return [wrongType];
  }
  return [
    ...checkEnum(value, schema, path),
    ...(typeof value === 'string' ? checkString(value, schema, path) : []),
    ...(typeof value === 'number' ? checkNumber(value, schema, path) : []),
    ...(Array.isArray(value) ? checkList(value, schema, path) : []),
    ...(isObject(value) ? checkObject(value, schema, path) : []),
    ...checkCombinations(value, schema, path),
  ];
}

function checkType(value: unknown, schema: Schema, path: string): FieldError | undefined {
  if (schema['x-kubernetes-int-or-string'] === true) {
    const fits = typeof value === 'string' || Number.isInteger(value);
    return fits ? undefined : typeError(value, 'integer,string', path);
  }
  if (schema.type === undefined || isOfType(value, schema.type)) {
    return undefined;
  }
  return typeError(value, schema.type, path);
}

function isOfType(value: unknown, type: NonNullable<Schema['type']>): boolean {
  if (type === 'object') {
    return isObject(value);
  }
  if (type === 'array') {
    return Array.isArray(value);
  }
  return type === 'integer' ? Number.isInteger(value) : typeof value === type;
}

function typeError(value: unknown, wanted: string, path: string): FieldError {
  const got = value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value;
  const message = `Invalid value: ${JSON.stringify(got)}: ${path} in body must be of type ${wanted}: ${JSON.stringify(got)}`;
  return { field: path, reason: 'FieldValueTypeInvalid', message };
}

function checkEnum(value: unknown, schema: Schema, path: string): FieldError[] {
  if (schema.enum === undefined || schema.enum.some((choice) => deepEqual(choice, value))) {
    return [];
  }
  return [notSupported(path, value, schema.enum)];
}

function checkString(value: string, schema: Schema, path: string): FieldError[] {
  const errors: FieldError[] = [];
  // Code points, as the server counts characters.
  const length = Array.from(value).length;
  if (schema.maxLength !== undefined && length > schema.maxLength) {
    errors.push(tooLong(path, schema.maxLength));
  }
  if (schema.minLength !== undefined && length < schema.minLength) {
    const why = `${path} in body should be at least ${schema.minLength} chars long`;
    errors.push(invalidValue(path, value, why));
  }
  if (schema.pattern !== undefined && !new RegExp(schema.pattern, 'u').test(value)) {
    errors.push(invalidValue(path, value, `${path} in body should match '${schema.pattern}'`));
  }
  return errors;
}

function checkNumber(value: number, schema: Schema, path: string): FieldError[] {
  const { minimum = -Infinity, maximum = Infinity, multipleOf = 0 } = schema;
  const [isOpenBelow, isOpenAbove] = [schema.exclusiveMinimum === true, schema.exclusiveMaximum === true];
  const rules = [
    { holds: isOpenBelow ? value > minimum : value >= minimum, rule: `greater than ${orEqual(isOpenBelow)}${minimum}` },
    { holds: isOpenAbove ? value < maximum : value <= maximum, rule: `less than ${orEqual(isOpenAbove)}${maximum}` },
    { holds: multipleOf === 0 || value % multipleOf === 0, rule: `a multiple of ${multipleOf}` },
  ];
  return rules
    .filter(({ holds }) => !holds)
    .map(({ rule }) => invalidValue(path, value, `${path} in body should be ${rule}`));
}

function orEqual(isOpen: boolean): string {
  return isOpen ? '' : 'or equal to ';
}

function checkList(value: readonly unknown[], schema: Schema, path: string): FieldError[] {
  const { items } = schema;
  const errors =
    items === undefined ? [] : value.flatMap((item, index) => validateSchema(item, items, `${path}[${index}]`));
  if (schema.maxItems !== undefined && value.length > schema.maxItems) {
    errors.push(tooMany(path, value.length, schema.maxItems));
  }
  if (schema.minItems !== undefined && value.length < schema.minItems) {
    errors.push(invalidValue(path, value.length, `${path} in body should have at least ${schema.minItems} items`));
  }
  return [...errors, ...checkDuplicates(value, schema, path)];
}

function checkDuplicates(value: readonly unknown[], schema: Schema, path: string): FieldError[] {
  const type = schema['x-kubernetes-list-type'];
  if (type !== 'map' && type !== 'set') {
    return [];
  }
  const keys = (schema['x-kubernetes-list-map-keys'] ?? []).map((name) => ({ name }));
  const seen = new Set<string>();
  return value.flatMap((item, index) => {
    const id = type === 'map' ? itemKey(item, keys) : JSON.stringify(item);
    if (!seen.has(id)) {
      seen.add(id);
      return [];
    }
    return [{ field: `${path}[${index}]`, reason: 'FieldValueDuplicate', message: `Duplicate value: ${id}` }];
  });
}

function tooMany(field: string, count: number, most: number): FieldError {
  return { field, reason: 'FieldValueTooMany', message: `Too many: ${count}: must have at most ${most} items` };
}

function checkObject(value: JsonObject, schema: Schema, path: string): FieldError[] {
  const join = (name: string): string => (path === '' ? name : `${path}.${name}`);
  const missing = (schema.required ?? []).filter((name) => value[name] === undefined);
  const values = typeof schema.additionalProperties === 'object' ? schema.additionalProperties : undefined;
  const fields = Object.entries(value).flatMap(([name, field]) => {
    const known = schema.properties?.[name] ?? values;
    return known === undefined || field === undefined ? [] : validateSchema(field, known, join(name));
  });
  return [
    ...missing.map((name) => required(join(name))),
    ...fields,
    ...checkSize(Object.keys(value).length, schema, path),
  ];
}

function checkSize(count: number, { minProperties = 0, maxProperties = Infinity }: Schema, path: string): FieldError[] {
  if (count > maxProperties) {
    return [tooMany(path, count, maxProperties)];
  }
  return count < minProperties
    ? [invalidValue(path, count, `${path} in body should have at least ${minProperties} properties`)]
    : [];
}

function checkCombinations(value: unknown, schema: Schema, path: string): FieldError[] {
  const fits = (candidate: Schema): boolean => validateSchema(value, candidate, path).length === 0;
  const errors = (schema.allOf ?? []).flatMap((part) => validateSchema(value, part, path));
  const fail = (rule: string): void => {
    errors.push(invalidValue(path, value, `${path} in body must validate ${rule}`));
  };
  if (schema.anyOf !== undefined && !schema.anyOf.some(fits)) {
    fail('at least one schema (anyOf)');
  }
  if (schema.oneOf !== undefined && schema.oneOf.filter(fits).length !== 1) {
    fail('one and only one schema (oneOf)');
  }
  if (schema.not !== undefined && fits(schema.not)) {
    fail('not the schema (not)');
  }
  return errors;
}
