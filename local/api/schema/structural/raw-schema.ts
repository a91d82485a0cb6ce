import { isObject, type JsonObject } from '../../fields/structure.ts';
import type { Schema } from '../schema.ts';

/**
 * A schema as somebody wrote it, before it is known to be one: every keyword may be there, with any value. Of those that hold
 * schemas only what is an object counts.
 */
export type RawSchema = Omit<Schema, 'type' | 'items' | 'x-kubernetes-list-type' | 'x-kubernetes-map-type'> & {
  readonly type?: string;
  /** A list of schemas is an error of its own. */
  readonly items?: RawSchema | readonly RawSchema[];
  readonly properties?: Readonly<Record<string, RawSchema>>;
  readonly additionalProperties?: RawSchema | boolean;
  readonly allOf?: readonly RawSchema[];
  readonly anyOf?: readonly RawSchema[];
  readonly oneOf?: readonly RawSchema[];
  readonly not?: RawSchema;
  readonly id?: string;
  readonly $ref?: string;
  readonly title?: string;
  readonly externalDocs?: object;
  readonly uniqueItems?: boolean;
  readonly additionalItems?: unknown;
  readonly patternProperties?: JsonObject;
  readonly definitions?: JsonObject;
  readonly dependencies?: JsonObject;
  readonly 'x-kubernetes-list-type'?: string;
  readonly 'x-kubernetes-map-type'?: string;
};

/** A schema below another one, and how the server writes the way to it. */
export interface Part {
  readonly schema: RawSchema;
  /** `properties[spec]` */
  readonly step: string;
}

export function propertiesOf(schema: RawSchema): readonly (Part & { readonly name: string })[] {
  return Object.entries(schema.properties ?? {}).map(([name, part]) => ({
    name,
    schema: part,
    step: `properties[${name}]`,
  }));
}

/** Of a list with one schema for all its items. */
export function itemsOf({ items }: RawSchema): RawSchema | undefined {
  return isObject(items) ? items : undefined;
}

export function valuesOf({ additionalProperties }: RawSchema): RawSchema | undefined {
  return isObject(additionalProperties) ? additionalProperties : undefined;
}

/** What stands under `allOf`, `anyOf`, `oneOf` and `not`. */
export function junctorsOf(schema: RawSchema): readonly Part[] {
  const lists = (['anyOf', 'allOf', 'oneOf'] as const).flatMap((keyword) =>
    (schema[keyword] ?? []).map((part, index) => ({ schema: part, step: `${keyword}[${index}]` })),
  );
  return schema.not === undefined ? lists : [...lists, { schema: schema.not, step: 'not' }];
}
