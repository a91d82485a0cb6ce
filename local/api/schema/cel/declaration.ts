import type { Schema } from '../schema.ts';

/** What a rule can know of a value: by its schema how large it can be, and what is in it. */
export interface Declaration {
  readonly type: ValueType;
  /** Characters, items or entries at most; 0 of what has no size. */
  readonly most: number;
  /** Bytes of JSON at least. */
  readonly leastBytes: number;
  readonly fields?: Readonly<Record<string, Declaration>>;
  /** Of a list its items, of a map its values. */
  readonly values?: Declaration;
}

export type ValueType =
  'object' | 'list' | 'map' | 'string' | 'bytes' | 'int' | 'double' | 'bool' | 'duration' | 'timestamp' | 'dyn';

/** No value is larger than the request that brings it. */
const requestBytes = 3 * 1024 * 1024;
/** As many as a text may have bytes for a character. */
const bytesOfCharacter = 4;

/** Texts of a format are what the format says. */
const formats: Readonly<Record<string, Declaration>> = {
  duration: { type: 'duration', most: 32, leastBytes: 3 },
  date: { type: 'timestamp', most: 12, leastBytes: 12 },
  'date-time': { type: 'timestamp', most: 32, leastBytes: 21 },
};

const declarers: Readonly<
  Record<NonNullable<Schema['type']>, (schema: Schema, isRoot: boolean) => Declaration | undefined>
> = {
  array: declareList,
  object: (schema, isRoot) =>
    typeof schema.additionalProperties === 'object' ? declareMap(schema) : declareObject(schema, isRoot),
  string: declareText,
  boolean: () => ({ type: 'bool', most: 0, leastBytes: 4 }),
  number: () => ({ type: 'double', most: 0, leastBytes: 1 }),
  integer: () => ({ type: 'int', most: 0, leastBytes: 1 }),
};

/**
 * @param isRoot whether it is a whole object, of which rules always see kind and name
 * @returns undefined of values that rules cannot see: those of a schema without type
 */
export function declare(schema: Schema, isRoot = false): Declaration | undefined {
  if (schema['x-kubernetes-int-or-string'] === true) {
    return { type: 'dyn', most: mostCharacters(schema), leastBytes: 1 };
  }
  return schema.type === undefined ? undefined : declarers[schema.type](schema, isRoot);
}

/** How often a value can stand in one request, where nothing else bounds it. */
export function mostInRequest({ leastBytes }: Declaration): number {
  return Math.floor(requestBytes / (leastBytes + 1));
}

function declareList({ items, maxItems }: Schema): Declaration | undefined {
  const values = items === undefined ? undefined : declare(items, isEmbedded(items));
  if (values === undefined) {
    return undefined;
  }
  const most = maxItems ?? Math.floor((requestBytes - 2) / (values.leastBytes + 1));
  return { type: 'list', most, leastBytes: 2, values };
}

function declareMap({ additionalProperties, maxProperties }: Schema): Declaration | undefined {
  const schema = additionalProperties as Schema;
  const values = declare(schema, isEmbedded(schema));
  if (values === undefined) {
    return undefined;
  }
  // The shortest key with its quotes, the colon and the comma.
  const most = maxProperties ?? Math.floor((requestBytes - 2) / (values.leastBytes + 6));
  return { type: 'map', most, leastBytes: 2, values };
}

const text: Schema = { type: 'string' };
/** What rules at the root of an object always see. */
const objectFields: Readonly<Record<string, Schema>> = {
  kind: text,
  apiVersion: text,
  metadata: { type: 'object', properties: { name: text, generateName: text } },
};

function declareObject({ properties = {}, required = [] }: Schema, isRoot: boolean): Declaration {
  const schemas = Object.entries(isRoot ? { ...properties, ...objectFields } : properties);
  const fields = schemas.flatMap(([name, schema]) => {
    const field = declare(schema, isEmbedded(schema));
    const isSent = required.includes(name) && schema.default === undefined;
    return field === undefined ? [] : [{ name, field, bytes: isSent ? name.length + field.leastBytes + 4 : 0 }];
  });
  return {
    type: 'object',
    most: 0,
    leastBytes: fields.reduce((sum, { bytes }) => sum + bytes, 2),
    fields: Object.fromEntries(fields.map(({ name, field }) => [name, field])),
  };
}

function declareText(schema: Schema): Declaration {
  const { format = '', maxLength } = schema;
  if (format === 'byte') {
    return { type: 'bytes', most: maxLength ?? requestBytes - 2, leastBytes: 2 };
  }
  return formats[format] ?? { type: 'string', most: mostCharacters(schema), leastBytes: 2 };
}

function mostCharacters({ maxLength, enum: choices = [] }: Schema): number {
  if (maxLength !== undefined) {
    return maxLength * bytesOfCharacter;
  }
  const lengths = choices.map((choice) => (typeof choice === 'string' ? Buffer.byteLength(choice) : 0));
  return lengths.length > 0 ? Math.max(...lengths) : requestBytes - 2;
}

function isEmbedded(schema: Schema): boolean {
  return schema['x-kubernetes-embedded-resource'] === true;
}
