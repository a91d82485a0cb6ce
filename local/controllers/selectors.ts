import type { ReplicaSet } from '../../lib/kube/objects.ts';

export type LabelSelector = ReplicaSet['spec']['selector'];
type Requirement = NonNullable<LabelSelector['matchExpressions']>[number];

/** An empty selector matches nothing: the workloads that carry one may not have an empty one. */
export function matchesSelector(selector: LabelSelector, labels: Readonly<Record<string, string>> = {}): boolean {
  const exact = Object.entries(selector.matchLabels ?? {});
  const expressions = selector.matchExpressions ?? [];
  if (exact.length + expressions.length === 0) {
    return false;
  }
  return exact.every(([key, value]) => labels[key] === value) && expressions.every((one) => isMet(one, labels));
}

function isMet({ key, operator, values = [] }: Requirement, labels: Readonly<Record<string, string>>): boolean {
  const value = labels[key];
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    default:
      throw new Error(`unknown selector operator '${operator}'`);
  }
}
