import { findCondition } from '../../lib/api/conditions.ts';
import type { FunctionObject } from '../../lib/api/function.ts';
import { labels } from '../../lib/api/names.ts';
import type { Deployment } from '../../lib/kube/objects.ts';
import type { ReadyEvent, ScaleEvent } from './lines.ts';

/** The scale event in a change of a function's Deployment; undefined when its replica count did not change. */
export function scaleEventOf(
  deployment: Deployment,
  previous: Deployment | undefined,
  time: string,
): ScaleEvent | undefined {
  const functionName = deployment.metadata.labels?.[labels.function];
  const from = previous?.spec.replicas ?? 0;
  const to = deployment.spec.replicas ?? 1;
  if (functionName === undefined || from === to) {
    return undefined;
  }
  const namespace = deployment.metadata.namespace ?? '';
  return { time, namespace, functionName, revision: deployment.metadata.name, from, to };
}

/** The event in a change of a Function's Ready condition; undefined when it says what it said before, or nothing yet. */
export function readyEventOf(
  fn: FunctionObject,
  previous: FunctionObject | undefined,
  time: string,
): ReadyEvent | undefined {
  const now = findCondition(fn.status?.conditions, 'Ready');
  const before = findCondition(previous?.status?.conditions, 'Ready');
  if (
    now === undefined ||
    now.status === 'Unknown' ||
    (now.status === before?.status && now.reason === before.reason)
  ) {
    return undefined;
  }
  return {
    time,
    namespace: fn.metadata.namespace ?? '',
    functionName: fn.metadata.name,
    ready: now.status === 'True',
    reason: now.reason,
    message: now.message,
  };
}
