import { type FieldError, invalidValue } from '../../field-errors.ts';
import type { Schema, ValidationRule } from '../schema.ts';
import { checkCost, checkTotal, type ExpressionCost } from './budget.ts';
import { compile } from './compile.ts';
import { type Declaration, declare, mostInRequest } from './declaration.ts';
import { times } from './sizes.ts';

/**
 * The refusals of the rules in a sound schema: those that are no expressions about it, that could take longer than a server
 * lets them, or that compare with what cannot be found again.
 */
export function checkRules(schema: Schema, path: string): FieldError[] {
  const judged = [...judgeRules({ schema, path, times: 1, isRoot: true })];
  return [...judged.flatMap(({ errors }) => errors), ...checkTotal(judged, path)];
}

interface Place {
  readonly schema: Schema;
  readonly path: string;
  /** How often what the schema describes can stand in one object; Infinity where nothing bounds it. */
  readonly times: number;
  readonly isRoot: boolean;
  /** The outermost part above of which old and new cannot be told to be the same. */
  readonly uncorrelated?: string;
}

type Judged = ExpressionCost & { readonly errors: readonly FieldError[] };

function* judgeRules(place: Place): Generator<Judged> {
  const { schema, path, isRoot } = place;
  for (const part of partsOf(place)) {
    yield* judgeRules(part);
  }
  const rules = schema['x-kubernetes-validations'] ?? [];
  const self = rules.length === 0 ? undefined : declare(schema, isRoot);
  for (const [index, rule] of rules.entries()) {
    yield* self === undefined ? [] : judgeRule(rule, `${path}.x-kubernetes-validations[${index}]`, { place, self });
  }
}

function partsOf(place: Place): readonly Place[] {
  const { schema, path, uncorrelated } = place;
  const { items, properties = {}, additionalProperties, maxItems = Infinity, maxProperties = Infinity } = schema;
  const within = (part: Schema, step: string, most: number, isLoose = false): Place => ({
    schema: part,
    path: `${path}.${step}`,
    times: times(place.times, most),
    isRoot: part['x-kubernetes-embedded-resource'] === true,
    ...(uncorrelated === undefined && !isLoose ? {} : { uncorrelated: uncorrelated ?? path }),
  });
  // Of lists only items with keys are found again, and of what is replaced as a whole nothing.
  const isLooseList = schema['x-kubernetes-list-type'] !== 'map';
  const isAtomic = schema['x-kubernetes-map-type'] === 'atomic';
  return [
    ...(typeof additionalProperties === 'object'
      ? [within(additionalProperties, 'additionalProperties', maxProperties)]
      : []),
    ...Object.entries(properties).map(([name, part]) => within(part, `properties[${name}]`, 1, isAtomic)),
    ...(items === undefined ? [] : [within(items, 'items', maxItems, isLooseList)]),
  ];
}

interface RuleScope {
  readonly place: Place;
  readonly self: Declaration;
}

function judgeRule(rule: ValidationRule, path: string, { place, self }: RuleScope): readonly Judged[] {
  const field = `${path}.rule`;
  const compiled = compile(rule.rule, self, 'bool');
  if ('error' in compiled) {
    return [{ field, cost: 0, errors: [invalidValue(field, rule, compiled.error)] }, ...judgeMessage(rule, path, self)];
  }
  const often = place.times === Infinity ? mostInRequest(self) : place.times;
  const cost = times(compiled.cost, often);
  const errors = checkCost({ field, cost }, 'estimated rule cost');
  return [
    {
      field,
      cost,
      errors: [...errors, ...checkTransition(rule, path, { place, isTransition: compiled.isTransition })],
    },
    ...judgeMessage(rule, path, self),
  ];
}

/** A message is made once, whatever refuses. */
function judgeMessage(rule: ValidationRule, path: string, self: Declaration): readonly Judged[] {
  const field = `${path}.messageExpression`;
  if (rule.messageExpression === undefined) {
    return [];
  }
  const compiled = compile(rule.messageExpression, self, 'string');
  if ('error' in compiled) {
    return [{ field, cost: 0, errors: [invalidValue(field, rule, compiled.error)] }];
  }
  const { cost } = compiled;
  return [{ field, cost, errors: checkCost({ field, cost }, 'estimated messageExpression cost') }];
}

interface Transition {
  readonly place: Place;
  readonly isTransition: boolean;
}

function checkTransition(
  { rule, optionalOldSelf }: ValidationRule,
  path: string,
  { place: { uncorrelated }, isTransition }: Transition,
): FieldError[] {
  if (!isTransition) {
    const why = 'may not be set if oldSelf is not used in rule';
    return optionalOldSelf === undefined ? [] : [invalidValue(`${path}.optionalOldSelf`, optionalOldSelf, why)];
  }
  const why = `oldSelf cannot be used on the uncorrelatable portion of the schema within ${uncorrelated ?? ''}`;
  return uncorrelated === undefined ? [] : [invalidValue(`${path}.rule`, rule, why)];
}
