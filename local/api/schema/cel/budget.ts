import type { ASTNode } from '@marcbachmann/cel-js';
import { errorMessage } from '../../../../lib/errors.ts';
import { forbidden, invalidValue } from '../../field-errors.ts';
import type { FieldError } from '../../status.ts';
import type { Schema, ValidationRule } from '../schema.ts';
import { estimateRule } from './cost.ts';
import { type Declaration, declare, mostInRequest } from './declaration.ts';
import { makeEnvironment } from './environment.ts';
import { times } from './sizes.ts';

/** Units of work that one rule may take, counted for every place in an object where it can apply: half a second. */
const mostOfRule = 10_000_000;
/** And all rules of a schema together. */
const mostOfSchema = 100_000_000;
/** Of a schema that takes more, so many rules are named, and none that takes less than a hundredth. */
const mostNamed = 4;

interface RuleCost {
  readonly field: string;
  readonly cost: number;
}

/** The rules that do not parse, or could take longer than a server lets them. @param schema a sound one */
export function checkRuleCosts(schema: Schema, path: string): FieldError[] {
  const found = [...costsOf({ schema, path, times: 1, isRoot: true })];
  const errors = found.flatMap(({ error }) => error ?? []);
  const costs = found.map(({ field, cost }) => ({ field, cost }));
  const total = costs.reduce((sum, { cost }) => sum + cost, 0);
  return total > mostOfSchema ? [...errors, ...explainTotal(costs, total, path)] : errors;
}

function explainTotal(costs: readonly RuleCost[], total: number, path: string): FieldError[] {
  const what = 'x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema';
  const why = 'contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema';
  const named = costs
    .filter(({ cost }) => cost >= mostOfSchema / 100)
    .toSorted((a, b) => b.cost - a.cost)
    .slice(0, mostNamed);
  return [...named.map(({ field }) => forbidden(field, why)), forbidden(path, explain(what, total, mostOfSchema))];
}

/** A schema, and how often what it describes can stand in one object; Infinity where nothing bounds it. */
interface Place {
  readonly schema: Schema;
  readonly path: string;
  readonly times: number;
  readonly isRoot: boolean;
}

type Found = RuleCost & { readonly error?: FieldError };

function* costsOf(place: Place): Generator<Found> {
  const { schema, path, isRoot } = place;
  for (const part of partsOf(place)) {
    yield* costsOf(part);
  }
  const rules = schema['x-kubernetes-validations'] ?? [];
  const self = rules.length === 0 ? undefined : declare(schema, isRoot);
  for (const [index, rule] of rules.entries()) {
    yield* self === undefined ? [] : costsOfRule(rule, `${path}.x-kubernetes-validations[${index}]`, { place, self });
  }
}

function partsOf(place: Place): readonly Place[] {
  const { items, properties = {}, additionalProperties, maxItems = Infinity, maxProperties = Infinity } = place.schema;
  const within = (part: Schema, step: string, most: number): Place => ({
    schema: part,
    path: `${place.path}.${step}`,
    times: times(place.times, most),
    isRoot: part['x-kubernetes-embedded-resource'] === true,
  });
  return [
    ...(typeof additionalProperties === 'object'
      ? [within(additionalProperties, 'additionalProperties', maxProperties)]
      : []),
    ...Object.entries(properties).map(([name, part]) => within(part, `properties[${name}]`, 1)),
    ...(items === undefined ? [] : [within(items, 'items', maxItems)]),
  ];
}

interface RuleScope {
  readonly place: Place;
  readonly self: Declaration;
}

function* costsOfRule(rule: ValidationRule, path: string, { place, self }: RuleScope): Generator<Found> {
  const often = place.times === Infinity ? mostInRequest(self) : place.times;
  yield judge(rule.rule, `${path}.rule`, { what: 'estimated rule cost', often, self });
  if (rule.messageExpression !== undefined) {
    // A message is made once, whatever refuses.
    const what = 'estimated messageExpression cost';
    yield judge(rule.messageExpression, `${path}.messageExpression`, { what, often: 1, self });
  }
}

interface Judged {
  readonly what: string;
  readonly often: number;
  readonly self: Declaration;
}

function judge(expression: string, field: string, { what, often, self }: Judged): Found {
  const parsed = parse(expression);
  if ('error' in parsed) {
    return { field, cost: 0, error: invalidValue(field, expression, `compilation failed: ${parsed.error}`) };
  }
  const cost = times(estimateRule(parsed.ast, self), often);
  return cost > mostOfRule
    ? { field, cost, error: forbidden(field, explain(what, cost, mostOfRule)) }
    : { field, cost };
}

const environment = makeEnvironment();

function parse(expression: string): { readonly ast: ASTNode } | { readonly error: string } {
  try {
    return environment.parse(expression);
  } catch (error) {
    return { error: errorMessage(error) };
  }
}

/** Near the border exact; far from it only that there is no way. */
function explain(what: string, cost: number, limit: number): string {
  const factor = cost / limit;
  const near = factor < 1.5 ? factor.toFixed(6) : factor.toFixed(1);
  const shown = factor > 100 ? 'more than 100x' : `${near}x`;
  const advice =
    'try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared';
  return `${what} exceeds budget by factor of ${shown} (${advice})`;
}
