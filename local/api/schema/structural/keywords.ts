import { type FieldError, forbidden, invalidValue, notSupported, required } from '../../field-errors.ts';
import { checkListType, checkMapType } from './list-types.ts';
import { itemsOf, junctorsOf, propertiesOf, type RawSchema, valuesOf } from './raw-schema.ts';
import { checkRuleFields } from './rule-fields.ts';

const types: readonly string[] = ['array', 'boolean', 'integer', 'number', 'object', 'string'];
const metaFields: readonly string[] = ['metadata', 'kind', 'apiVersion'];

/** What the place of a schema forbids it. */
export interface KeywordContext {
  readonly isRoot: boolean;
  /** At or below what every object has. */
  readonly isMetadata: boolean;
  /** Why there may be no default here: `in top-level metadata`. */
  readonly noDefaults?: string;
}

/** The keywords of a schema that a server does not have, or not there, or not with this value; and those of all below it. */
export function checkKeywords(schema: RawSchema, path: string, context: KeywordContext): FieldError[] {
  return [
    ...checkOwn(schema, path, context),
    ...checkBelow(schema, path, context),
    ...checkPreserve(schema, path),
    ...checkMapType(schema, path),
    ...checkListType(schema, path),
    ...checkRuleFields(schema, path),
  ];
}

const unsupported = ['additionalItems', 'patternProperties', 'definitions', 'dependencies', '$ref', 'id'] as const;

function checkOwn(schema: RawSchema, path: string, { noDefaults, isMetadata }: KeywordContext): FieldError[] {
  const refusals: readonly { readonly applies: boolean; readonly keyword: keyof RawSchema; readonly why: string }[] = [
    ...unsupported.map((keyword) => ({
      applies: schema[keyword] !== undefined && schema[keyword] !== '',
      keyword,
      why: `${keyword} is not supported`,
    })),
    {
      applies: schema.type === 'null',
      keyword: 'type',
      why: 'type cannot be set to null, use nullable as an alternative',
    },
    {
      applies: schema.default !== undefined && noDefaults !== undefined,
      keyword: 'default',
      why: `must not be set ${noDefaults ?? ''}`,
    },
    {
      applies: Array.isArray(schema.items),
      keyword: 'items',
      why: 'items must be a schema object and not an array',
    },
    {
      applies: isMetadata && schema['x-kubernetes-embedded-resource'] === true,
      keyword: 'x-kubernetes-embedded-resource',
      why: 'must not be used inside of resource meta',
    },
    {
      applies: schema.uniqueItems === true,
      keyword: 'uniqueItems',
      why: 'uniqueItems cannot be set to true since the runtime complexity becomes quadratic',
    },
    {
      applies: hasFieldsAndValues(schema),
      keyword: 'additionalProperties',
      why: 'additionalProperties and properties are mutual exclusive',
    },
  ];
  return [
    ...checkTypeName(schema, path),
    ...refusals.filter(({ applies }) => applies).map(({ keyword, why }) => forbidden(`${path}.${keyword}`, why)),
  ];
}

function checkTypeName({ type = '' }: RawSchema, path: string): FieldError[] {
  return type === '' || types.includes(type) ? [] : [notSupported(`${path}.type`, type, types)];
}

function hasFieldsAndValues({ properties = {}, additionalProperties }: RawSchema): boolean {
  const hasValues = additionalProperties !== undefined && additionalProperties !== true;
  return hasValues && Object.keys(properties).length > 0;
}

function checkBelow(schema: RawSchema, path: string, context: KeywordContext): FieldError[] {
  const inner = { ...context, isRoot: false };
  const items = itemsOf(schema);
  const values = valuesOf(schema);
  const inMetadata = 'inside additionalProperties applying to object metadata';
  const valueContext = context.isMetadata ? { ...inner, noDefaults: inMetadata } : inner;
  return [
    ...(values === undefined ? [] : checkKeywords(values, `${path}.additionalProperties`, valueContext)),
    ...propertiesOf(schema).flatMap((part) =>
      checkKeywords(part.schema, `${path}.${part.step}`, contextOf(part.name, schema, context)),
    ),
    ...junctorsOf(schema).flatMap((part) => checkKeywords(part.schema, `${path}.${part.step}`, inner)),
    ...(items === undefined ? [] : checkKeywords(items, `${path}.items`, inner)),
  ];
}

function contextOf(name: string, schema: RawSchema, context: KeywordContext): KeywordContext {
  const isEmbedded = schema['x-kubernetes-embedded-resource'] === true;
  if (!metaFields.includes(name) || !(context.isRoot || isEmbedded)) {
    return { ...context, isRoot: false };
  }
  return { isRoot: false, isMetadata: true, ...(context.isRoot ? { noDefaults: `in top-level ${name}` } : {}) };
}

function checkPreserve(schema: RawSchema, path: string): FieldError[] {
  const name = 'x-kubernetes-preserve-unknown-fields';
  return schema[name] === false ? [invalidValue(`${path}.${name}`, false, 'must be true or undefined')] : [];
}

/** Of the root with a status door: only what is not lost when the status is judged apart. */
const allowedWithStatus: readonly string[] = [
  'description',
  'type',
  'format',
  'title',
  'maximum',
  'exclusiveMaximum',
  'minimum',
  'exclusiveMinimum',
  'maxLength',
  'minLength',
  'pattern',
  'maxItems',
  'minItems',
  'uniqueItems',
  'multipleOf',
  'required',
  'items',
  'properties',
  'externalDocs',
  'example',
  'x-kubernetes-preserve-unknown-fields',
  'x-kubernetes-validations',
];

export function checkRoot(schema: RawSchema, path: string, hasStatus: boolean): FieldError[] {
  const errors: FieldError[] = [];
  const isOther = (name: string): boolean => !allowedWithStatus.includes(name);
  if (hasStatus && schema.type !== undefined && schema.type !== 'object') {
    const why = 'only "object" is allowed as the type at the root of the schema if the status subresource is enabled';
    errors.push(invalidValue(`${path}.type`, schema.type, why));
  } else if (hasStatus && Object.keys(schema).some(isOther)) {
    const why = 'fields are allowed at the root of the schema if the status subresource is enabled';
    errors.push(invalidValue(path, schema, `only [${allowedWithStatus.map(goName).join(' ')}] ${why}`));
  }
  if (schema.nullable === true) {
    errors.push(forbidden(`${path}.nullable`, 'nullable cannot be true at the root'));
  }
  return errors;
}

/** As the server's own program names the field: `XPreserveUnknownFields`. */
function goName(keyword: string): string {
  const parts = keyword.replace('x-kubernetes-', 'x-').split('-');
  return parts.map((part) => part.charAt(0).toUpperCase() + part.slice(1)).join('');
}

/** Every version says what its objects are. */
export function missingSchema(index: number): FieldError {
  return required(`spec.versions[${index}].schema.openAPIV3Schema`, 'schemas are required');
}
