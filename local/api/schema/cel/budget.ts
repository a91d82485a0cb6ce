import { type FieldError, forbidden } from '../../field-errors.ts';

/** Units of work that one rule may take, counted for every place in an object where it can apply: half a second. */
const mostOfRule = 10_000_000;
/** And all rules of a schema together. */
const mostOfSchema = 100_000_000;
/** Of a schema that takes more, so many rules are named, and none that takes less than a hundredth. */
const mostNamed = 4;

/** What an expression can cost at most, and where it stands. */
export interface ExpressionCost {
  readonly field: string;
  readonly cost: number;
}

/** @param what `estimated rule cost` */
export function checkCost({ field, cost }: ExpressionCost, what: string): FieldError[] {
  return cost > mostOfRule ? [forbidden(field, explain(what, cost, mostOfRule))] : [];
}

/** @param path of the schema */
export function checkTotal(costs: readonly ExpressionCost[], path: string): FieldError[] {
  const total = costs.reduce((sum, { cost }) => sum + cost, 0);
  if (total <= mostOfSchema) {
    return [];
  }
  const what = 'x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema';
  const why = 'contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema';
  const named = costs
    .filter(({ cost }) => cost >= mostOfSchema / 100)
    .toSorted((a, b) => b.cost - a.cost)
    .slice(0, mostNamed);
  return [...named.map(({ field }) => forbidden(field, why)), forbidden(path, explain(what, total, mostOfSchema))];
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
