import { isObject, type JsonObject } from '../fields/structure.ts';
import type { Schema } from './schema.ts';

/** `value` without the fields that the schema does not know. @param dropped receives their paths. */
export function prune(value: unknown, schema: Schema, dropped: string[], path = ''): unknown {
  if (Array.isArray(value)) {
    const { items } = schema;
    return items === undefined ? value : value.map((item, index) => prune(item, items, dropped, `${path}[${index}]`));
  }
  return isObject(value) ? pruneObject(value, schema, dropped, path) : value;
}

function pruneObject(value: JsonObject, schema: Schema, dropped: string[], path: string): JsonObject {
  const result: JsonObject = {};
  for (const [name, field] of Object.entries(value)) {
    const at = path === '' ? name : `${path}.${name}`;
    const known = schema.properties?.[name] ?? additional(schema);
    if (known !== undefined) {
      result[name] = prune(field, known, dropped, at);
    } else if (isOpen(schema)) {
      result[name] = field;
    } else {
      dropped.push(at);
    }
  }
  return result;
}

function additional(schema: Schema): Schema | undefined {
  return typeof schema.additionalProperties === 'object' ? schema.additionalProperties : undefined;
}

function isOpen(schema: Schema): boolean {
  return schema['x-kubernetes-preserve-unknown-fields'] === true || schema.additionalProperties === true;
}

/** `value` with the schema's defaults where nothing stands. */
export function applyDefaults(value: unknown, schema: Schema): unknown {
  if (Array.isArray(value)) {
    const { items } = schema;
    return items === undefined ? value : value.map((item) => applyDefaults(item, items));
  }
  return isObject(value) ? fillObject(value, schema) : value;
}

function fillObject(value: JsonObject, schema: Schema): JsonObject {
  const result: JsonObject = { ...value };
  const properties = schema.properties ?? {};
  for (const [name, field] of Object.entries(properties)) {
    const start = isAbsent(result[name], field) ? structuredClone(field.default) : result[name];
    if (start !== undefined) {
      result[name] = applyDefaults(start, field);
    }
  }
  const values = additional(schema);
  const others = Object.keys(result).filter((name) => values !== undefined && !Object.hasOwn(properties, name));
  for (const name of others) {
    result[name] = values === undefined ? result[name] : applyDefaults(result[name], values);
  }
  return result;
}

/** Null counts as absent where the schema does not allow it and has a default, as in a real server. */
function isAbsent(value: unknown, schema: Schema): boolean {
  return value === undefined || (value === null && schema.nullable !== true && schema.default !== undefined);
}
