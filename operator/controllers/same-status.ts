import { sameConditions } from '../../lib/api/conditions.ts';
import type { Condition } from '../../lib/kube/objects.ts';
import { canonicalJson } from './function/canonical.ts';

interface StatusLike {
  readonly conditions?: Condition[];
}

/** True when there is nothing to write: a steady state writes nothing (I1). */
export function isSameStatus(current: StatusLike | undefined, desired: StatusLike): boolean {
  const { conditions: before, ...rest } = current ?? {};
  const { conditions: after, ...wanted } = desired;
  return canonicalJson(rest) === canonicalJson(wanted) && sameConditions(before, after);
}
