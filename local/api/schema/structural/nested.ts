import { type FieldError, forbidden, required } from '../../field-errors.ts';
import { deepEqual } from '../../fields/structure.ts';
import { itemsOf, junctorsOf, type Part, propertiesOf, type RawSchema } from './raw-schema.ts';

const integerOrString = [{ type: 'integer' }, { type: 'string' }];

/** The two forms in which an int-or-string may name its types under a junctor. */
function namesItsTypes(schema: RawSchema, step: string): boolean {
  const first = schema.allOf?.[0]?.anyOf;
  return (
    (step.startsWith('anyOf') && deepEqual(schema.anyOf, integerOrString)) ||
    (step.startsWith('allOf[0].anyOf') && deepEqual(first, integerOrString))
  );
}

/** What may stand under `allOf`, `anyOf`, `oneOf` and `not`. */
export function checkJunctors(schema: RawSchema, path: string, above = '', top = schema): FieldError[] {
  return junctorsOf(schema)
    .filter(({ step }) => !namesItsTypes(top, above + step))
    .flatMap((part) => checkNested(part, path, { above, top }));
}

const mustBeUndefined = [
  'additionalProperties',
  'default',
  'externalDocs',
  'x-kubernetes-list-type',
  'x-kubernetes-map-type',
] as const;
const mustBeEmpty = ['type', 'title', 'description', 'x-kubernetes-list-map-keys', 'x-kubernetes-validations'] as const;
const mustBeFalse = [
  'nullable',
  'x-kubernetes-preserve-unknown-fields',
  'x-kubernetes-embedded-resource',
  'x-kubernetes-int-or-string',
] as const;

interface Nesting {
  /** The steps from the schema at the top to here. */
  readonly above: string;
  readonly top: RawSchema;
}

/** A junctor may narrow values, but not say what they are. */
function checkNested({ schema, step }: Part, path: string, { above, top }: Nesting): FieldError[] {
  const place = `${path}.${step}`;
  const refuse = (names: readonly (keyof RawSchema)[], how: string): FieldError[] =>
    names
      .filter((name) => !isEmpty(schema[name]))
      .map((name) => forbidden(`${place}.${name}`, `must be ${how} to be structural`));
  const items = itemsOf(schema);
  const nested = [...propertiesOf(schema), ...(items === undefined ? [] : [{ schema: items, step: 'items' }])];
  const aboveNested = `${above}${step}.`;
  return [
    ...checkJunctors(schema, place, aboveNested, top),
    ...nested.flatMap((part) => checkNested(part, place, { above: `${aboveNested}${part.step}.`, top })),
    ...refuse(mustBeEmpty, 'empty'),
    ...refuse(mustBeUndefined, 'undefined'),
    ...refuse(mustBeFalse, 'false'),
    ...(schema.properties?.['metadata'] === undefined
      ? []
      : [forbidden(`${place}.properties[metadata]`, 'must not be specified in a nested context')]),
  ];
}

/**
 * Every field that a junctor speaks of has to be one of the value itself. A real server asks this of the junctors at the root
 * only, of all that is below them.
 */
export function checkCompleteness(schema: RawSchema, path: string): FieldError[] {
  return checkJunctorsKnown(schema, schema, { value: path, nested: path });
}

interface Places {
  /** Where a field would have to be. */
  readonly value: string;
  /** Where it is spoken of. */
  readonly nested: string;
}

function checkJunctorsKnown(nested: RawSchema, value: RawSchema, places: Places): FieldError[] {
  return junctorsOf(nested).flatMap(({ schema, step }) =>
    checkKnown(schema, value, { value: places.value, nested: `${places.nested}.${step}` }),
  );
}

function checkKnown(nested: RawSchema, value: RawSchema | undefined, places: Places): FieldError[] {
  if (value === undefined) {
    return [required(places.value, `because it is defined in ${places.nested}`)];
  }
  const items = itemsOf(nested);
  const at = (step: string): Places => ({ value: `${places.value}.${step}`, nested: `${places.nested}.${step}` });
  return [
    ...checkJunctorsKnown(nested, value, places),
    ...propertiesOf(nested).flatMap((part) => checkKnown(part.schema, value.properties?.[part.name], at(part.step))),
    ...(items === undefined ? [] : checkKnown(items, itemsOf(value), at('items'))),
  ];
}

function isEmpty(value: unknown): boolean {
  const isBare = value === undefined || value === false || value === '' || value === null;
  return isBare || (Array.isArray(value) && value.length === 0);
}
