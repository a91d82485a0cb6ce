import { type FieldError, forbidden, invalidValue, notSupported, required } from '../../field-errors.ts';
import { itemsOf, type RawSchema } from './raw-schema.ts';

export function checkMapType(schema: RawSchema, path: string): FieldError[] {
  const mapType = schema['x-kubernetes-map-type'];
  if (mapType === undefined) {
    return [];
  }
  const isKnown = mapType === 'atomic' || mapType === 'granular';
  return [
    ...wrongType(schema, path, { wanted: 'object', because: 'x-kubernetes-map-type is specified' }),
    ...(isKnown ? [] : [notSupported(`${path}.x-kubernetes-map-type`, mapType, ['atomic', 'granular'])]),
  ];
}

function wrongType(
  { type = '' }: RawSchema,
  path: string,
  { wanted, because }: { readonly wanted: string; readonly because: string },
): FieldError[] {
  const why = `must be ${wanted} if ${because}`;
  if (type === wanted) {
    return [];
  }
  return [type === '' ? required(`${path}.type`, why) : invalidValue(`${path}.type`, type, why)];
}

/** How the items of a list are told apart has to fit what they are. */
export function checkListType(schema: RawSchema, path: string): FieldError[] {
  const listType = schema['x-kubernetes-list-type'];
  const field = `${path}.x-kubernetes-list-type`;
  const errors: FieldError[] = [];
  if (listType !== undefined) {
    errors.push(...wrongType(schema, path, { wanted: 'array', because: 'x-kubernetes-list-type is specified' }));
    if (!['atomic', 'set', 'map'].includes(listType)) {
      errors.push(notSupported(field, listType, ['atomic', 'set', 'map']));
    }
  }
  if ((schema['x-kubernetes-list-map-keys'] ?? []).length > 0 && listType !== 'map') {
    const why = 'must be map if x-kubernetes-list-map-keys is non-empty';
    errors.push(listType === undefined ? required(field, why) : invalidValue(field, listType, why));
  }
  if (listType === 'set') {
    errors.push(...checkSet(schema, path));
  }
  if (listType === 'map') {
    errors.push(...checkMap(schema, path), ...checkKeys(schema, path));
  }
  return [...errors, ...checkNullableItems(schema, path)];
}

/** Members of a set are compared as a whole. */
function checkSet(schema: RawSchema, path: string): FieldError[] {
  const items = itemsOf(schema);
  const why = 'must be atomic as item of a list with x-kubernetes-list-type=set';
  const listType = items?.['x-kubernetes-list-type'] ?? 'atomic';
  if (items?.type === 'array' && listType !== 'atomic') {
    return [invalidValue(`${path}.items.x-kubernetes-list-type`, listType, why)];
  }
  if (items?.type === 'object' && items['x-kubernetes-map-type'] !== 'atomic') {
    return [invalidValue(`${path}.items.x-kubernetes-map-type`, null, why)];
  }
  return [];
}

function checkMap(schema: RawSchema, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const items = itemsOf(schema);
  if ((schema['x-kubernetes-list-map-keys'] ?? []).length === 0) {
    const why = 'must not be empty if x-kubernetes-list-type is map';
    errors.push(required(`${path}.x-kubernetes-list-map-keys`, why));
  }
  if (items === undefined) {
    errors.push(required(`${path}.items`, 'must have a schema if x-kubernetes-list-type is map'));
  } else if (items.type !== 'object') {
    const why = "must be object if parent array's x-kubernetes-list-type is map";
    errors.push(invalidValue(`${path}.items.type`, items.type ?? '', why));
  }
  return errors;
}

/** A key has to be there always, and once. */
function checkKeys(schema: RawSchema, path: string): FieldError[] {
  const items = itemsOf(schema);
  const keys = schema['x-kubernetes-list-map-keys'] ?? [];
  const field = `${path}.x-kubernetes-list-map-keys`;
  if (items?.type !== 'object') {
    return [];
  }
  return keys.flatMap((key, index) => {
    const errors = keys.indexOf(key) < index ? [invalidValue(field, keys, 'must not contain duplicate entries')] : [];
    const property = items.properties?.[key];
    return property === undefined
      ? [...errors, invalidValue(field, keys, 'entries must all be names of item properties')]
      : [...errors, ...checkKey(property, { place: `${path}.items.properties[${key}]`, key, items })];
  });
}

interface KeyPlace {
  readonly place: string;
  readonly key: string;
  readonly items: RawSchema;
}

function checkKey(property: RawSchema, { place, key, items }: KeyPlace): FieldError[] {
  const errors: FieldError[] = [];
  const isIn = 'this property is in x-kubernetes-list-map-keys, so it';
  if (property.type === 'array' || property.type === 'object') {
    const why = "must be a scalar type if parent array's x-kubernetes-list-type is map";
    errors.push(invalidValue(`${place}.type`, items.type, why));
  }
  if (items.required?.includes(key) !== true && property.default === undefined) {
    errors.push(required(`${place}.default`, `${isIn} must have a default or be a required property`));
  }
  if (property.nullable === true) {
    errors.push(forbidden(`${place}.nullable`, `${isIn} cannot be nullable`));
  }
  return errors;
}

function checkNullableItems(schema: RawSchema, path: string): FieldError[] {
  const listType = schema['x-kubernetes-list-type'];
  const isKeyed = listType === 'set' || listType === 'map';
  return isKeyed && itemsOf(schema)?.nullable === true
    ? [forbidden(`${path}.items.nullable`, `cannot be nullable when x-kubernetes-list-type is ${listType}`)]
    : [];
}
