import type { Schema } from '../local/api/schema/schema.ts';

/** The way to a value: names of fields, `[]` for an item of a list, `{}` for a value of a map. */
export type Path = readonly string[];

export interface SchemaNode {
  readonly path: Path;
  readonly schema: Schema;
}

/** Every node of a schema, each before those below it. */
export function* nodesOf(schema: Schema, path: Path = []): Generator<SchemaNode> {
  yield { path, schema };
  for (const [name, field] of Object.entries(schema.properties ?? {})) {
    yield* nodesOf(field, [...path, name]);
  }
  if (schema.items !== undefined) {
    yield* nodesOf(schema.items, [...path, '[]']);
  }
  if (typeof schema.additionalProperties === 'object') {
    yield* nodesOf(schema.additionalProperties, [...path, '{}']);
  }
}

/** `spec.env[].name` */
export function showPath(path: Path): string {
  return path
    .map((step) => (step === '[]' || step === '{}' ? step : `.${step}`))
    .join('')
    .replace(/^\./u, '');
}
