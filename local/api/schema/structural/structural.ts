import { errorMessage } from '../../../../lib/errors.ts';
import { type FieldError, forbidden, invalidValue, required } from '../../field-errors.ts';
import { checkCompleteness, checkJunctors } from './nested.ts';
import { itemsOf, propertiesOf, type RawSchema, valuesOf } from './raw-schema.ts';

/** Where a schema stands: what it may say depends on it. */
type Level = 'root' | 'item' | 'field';

const emptyAt: Readonly<Record<Level, string>> = {
  root: 'must not be empty at the root',
  item: 'must not be empty for specified array items',
  field: 'must not be empty for specified object fields',
};

/**
 * Why a schema is not structural: each value has one type, named outside of `allOf`, `anyOf`, `oneOf` and `not`, so that a
 * server can prune, default and merge without trying alternatives. In the order of the texts, as a real server sorts them.
 */
export function checkStructural(schema: RawSchema, path: string): FieldError[] {
  const errors = [...checkInvariants(schema, 'root', path), ...checkCompleteness(schema, path)];
  const text = ({ field, message }: FieldError): string => `${field}: ${message}`;
  return errors.sort((a, b) => (text(a) < text(b) ? -1 : 1));
}

function checkInvariants(schema: RawSchema, level: Level, path: string): FieldError[] {
  const items = itemsOf(schema);
  const values = valuesOf(schema);
  return [
    ...(schema.type === 'array' && items === undefined ? [required(`${path}.items`, 'must be specified')] : []),
    ...(items === undefined ? [] : checkInvariants(items, 'item', `${path}.items`)),
    ...propertiesOf(schema).flatMap((part) => checkInvariants(part.schema, 'field', `${path}.${part.step}`)),
    ...(values === undefined ? [] : checkInvariants(values, 'field', `${path}.additionalProperties`)),
    ...checkAdditional(schema, level, path),
    ...checkExtensions(schema, path),
    ...checkJunctors(schema, path),
    ...checkPattern(schema, path),
    ...checkType(schema, level, path),
    ...checkMetadata(schema, level, path),
  ];
}

function checkAdditional(schema: RawSchema, level: Level, path: string): FieldError[] {
  const field = `${path}.additionalProperties`;
  if (schema.additionalProperties === undefined) {
    return [];
  }
  return [
    ...(level === 'root' ? [forbidden(field, 'must not be used at the root')] : []),
    ...(isEmbedded(schema) ? [forbidden(field, 'must not be used if x-kubernetes-embedded-resource is set')] : []),
  ];
}

function checkExtensions(schema: RawSchema, path: string): FieldError[] {
  if (!isIntOrString(schema)) {
    return [];
  }
  const others = ['x-kubernetes-preserve-unknown-fields', 'x-kubernetes-embedded-resource'] as const;
  return others
    .filter((name) => schema[name] === true)
    .map((name) => invalidValue(`${path}.${name}`, true, 'must be false if x-kubernetes-int-or-string is true'));
}

function checkPattern({ pattern = '' }: RawSchema, path: string): FieldError[] {
  try {
    new RegExp(pattern, 'u');
    return [];
  } catch (error) {
    const why = `must be a valid regular expression, but isn't: ${errorMessage(error)}`;
    return [invalidValue(`${path}.pattern`, pattern, why)];
  }
}

function checkType(schema: RawSchema, level: Level, path: string): FieldError[] {
  const { type = '' } = schema;
  const field = `${path}.type`;
  const atRoot =
    level === 'root' && !['', 'object'].includes(type) ? [invalidValue(field, type, 'must be object at the root')] : [];
  return [...checkTypeHere(schema, level, field), ...atRoot];
}

function checkTypeHere(schema: RawSchema, level: Level, field: string): FieldError[] {
  const { type = '' } = schema;
  if (isEmbedded(schema) && type !== 'object') {
    const why = 'must be object if x-kubernetes-embedded-resource is true';
    return [type === '' ? required(field, why) : invalidValue(field, type, why)];
  }
  const isFree = isIntOrString(schema) || isOpen(schema);
  return type === '' && !isFree ? [required(field, emptyAt[level])] : [];
}

/** What every object has is the server's: a schema may say of it only how it is called. */
function checkMetadata(schema: RawSchema, level: Level, path: string): FieldError[] {
  const { properties = {} } = schema;
  if (level !== 'root' && !isEmbedded(schema)) {
    return [];
  }
  const { metadata } = properties;
  return [
    ...['kind', 'apiVersion'].flatMap((name) => checkText(properties[name], `${path}.properties[${name}].type`)),
    ...(metadata === undefined ? [] : checkMetadataSchema(metadata, level, `${path}.properties[metadata]`)),
    ...checkEmbedded(schema, `${path}.properties`),
  ];
}

function checkText(schema: RawSchema | undefined, field: string): FieldError[] {
  return schema === undefined || schema.type === 'string'
    ? []
    : [invalidValue(field, schema.type ?? '', 'must be string')];
}

function checkEmbedded(schema: RawSchema, field: string): FieldError[] {
  const isSaid = isOpen(schema) || Object.keys(schema.properties ?? {}).length > 0;
  const why =
    'must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields';
  return isEmbedded(schema) && !isSaid ? [required(field, why)] : [];
}

function checkMetadataSchema(metadata: RawSchema, level: Level, path: string): FieldError[] {
  const wrongType =
    metadata.type === 'object' ? [] : [invalidValue(`${path}.type`, metadata.type ?? '', 'must be object')];
  const { type: _, default: _default, properties = {}, ...others } = metadata;
  const isOnlyNames = Object.keys(properties).every((name) => name === 'name' || name === 'generateName');
  const why = 'must not specify anything other than name and generateName, but metadata is implicitly specified';
  const isTooMuch = level === 'root' && (!isOnlyNames || Object.keys(others).length > 0);
  return isTooMuch ? [...wrongType, forbidden(path, why)] : wrongType;
}

function isEmbedded(schema: RawSchema): boolean {
  return schema['x-kubernetes-embedded-resource'] === true;
}

function isIntOrString(schema: RawSchema): boolean {
  return schema['x-kubernetes-int-or-string'] === true;
}

function isOpen(schema: RawSchema): boolean {
  return schema['x-kubernetes-preserve-unknown-fields'] === true;
}
