import { map, type Structure } from '../fields/structure.ts';

/** The part of a structural schema that CRDs may use (apiextensions.k8s.io/v1 JSONSchemaProps). */
export interface Schema {
  readonly type?: 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean';
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly enum?: readonly unknown[];
  readonly default?: unknown;
  readonly nullable?: boolean;
  readonly format?: string;
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: boolean;
  readonly exclusiveMaximum?: boolean;
  readonly multipleOf?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minProperties?: number;
  readonly maxProperties?: number;
  readonly oneOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly not?: Schema;
  readonly 'x-kubernetes-preserve-unknown-fields'?: boolean;
  readonly 'x-kubernetes-int-or-string'?: boolean;
  readonly 'x-kubernetes-embedded-resource'?: boolean;
  readonly 'x-kubernetes-list-type'?: 'atomic' | 'set' | 'map';
  readonly 'x-kubernetes-list-map-keys'?: readonly string[];
  readonly 'x-kubernetes-map-type'?: 'granular' | 'atomic';
  readonly 'x-kubernetes-validations'?: readonly ValidationRule[];
}

/** One CEL rule; `self` is the value it stands at. */
export interface ValidationRule {
  readonly rule: string;
  readonly message?: string;
  readonly messageExpression?: string;
  readonly reason?: string;
  /** Where the error is reported, from here: `.spec.source`. */
  readonly fieldPath?: string;
  readonly optionalOldSelf?: boolean;
}

/** How the values of a schema merge under server-side apply. */
export function structureOf(schema: Schema): Structure {
  if (schema.type === 'array') {
    return listStructure(schema);
  }
  if (schema['x-kubernetes-map-type'] === 'atomic') {
    return { type: 'atomic' };
  }
  if (schema.type !== 'object') {
    return schema['x-kubernetes-preserve-unknown-fields'] === true ? map() : { type: 'atomic' };
  }
  const fields = Object.entries(schema.properties ?? {}).map(([name, field]) => [name, structureOf(field)] as const);
  const values = typeof schema.additionalProperties === 'object' ? structureOf(schema.additionalProperties) : undefined;
  return { type: 'map', fields: Object.fromEntries(fields), ...(values === undefined ? {} : { values }) };
}

function listStructure(schema: Schema): Structure {
  const keys = schema['x-kubernetes-list-map-keys'] ?? [];
  const type = schema['x-kubernetes-list-type'];
  if (type !== 'map') {
    return { type: type === 'set' ? 'list-set' : 'atomic' };
  }
  return {
    type: 'list-map',
    keys: keys.map((name) => {
      const fallback = schema.items?.properties?.[name]?.default;
      return typeof fallback === 'string' ? { name, default: fallback } : { name };
    }),
    items: schema.items === undefined ? map() : structureOf(schema.items),
  };
}
