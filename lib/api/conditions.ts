import type { Condition } from '../kube/objects.ts';

/** What a reconciler knows about one condition; the moment of its last change is not its business. */
export type DesiredCondition = Omit<Condition, 'lastTransitionTime'>;

/** Condition messages are for people and must not grow an object without bound. */
const maxConditionMessageLength = 1024;

/**
 * The condition list that `desired` makes of `current`: sorted by type, `lastTransitionTime` kept unless the status
 * changed, types that `desired` does not name dropped. Equal input gives an equal list, so a steady state writes nothing.
 * @param now RFC 3339, whole seconds.
 */
export function mergeConditions(
  current: readonly Condition[],
  desired: readonly DesiredCondition[],
  now: string,
): Condition[] {
  return desired
    .map((condition) => {
      const before = findCondition(current, condition.type);
      return {
        ...condition,
        message: truncate(condition.message),
        lastTransitionTime: before?.status === condition.status ? before.lastTransitionTime : now,
      };
    })
    .sort((a, b) => a.type.localeCompare(b.type));
}

/** True when both say the same: the order of conditions is the server's business, not ours. */
export function sameConditions(a: readonly Condition[] | undefined, b: readonly Condition[] | undefined): boolean {
  const sorted = (conditions: readonly Condition[] = []): string =>
    JSON.stringify(
      conditions
        .map(({ type, status, reason, message, observedGeneration }) => [
          type,
          status,
          reason,
          message,
          observedGeneration,
        ])
        .sort(([x], [y]) => String(x).localeCompare(String(y))),
    );
  return sorted(a) === sorted(b);
}

/** Of any kind's list: those of Pods, Nodes and Deployments have other fields besides. */
export function findCondition<C extends { readonly type: string }>(
  conditions: readonly C[] | undefined,
  type: string,
): C | undefined {
  return conditions?.find((condition) => condition.type === type);
}

export function isTrue(
  conditions: readonly { readonly type: string; readonly status: string }[] | undefined,
  type: string,
): boolean {
  return findCondition(conditions, type)?.status === 'True';
}

function truncate(message: string): string {
  return message.length <= maxConditionMessageLength ? message : `${message.slice(0, maxConditionMessageLength - 1)}…`;
}
