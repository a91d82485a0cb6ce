import { findCondition } from '../../../lib/api/conditions.ts';
import type { FunctionStatus } from '../../../lib/api/function.ts';
import { type FailureReason, failureReasons } from '../../../lib/api/reasons.ts';
import type { Condition } from '../../../lib/kube/objects.ts';
import type { ObjectEvent } from '../../../lib/kube/event-recorder.ts';

/** What is worth telling about the step from one status to the next: a new Revision, that it is ready, or why it is not. */
export function decideEvents(before: FunctionStatus | undefined, after: FunctionStatus): readonly ObjectEvent[] {
  const created = after.latestCreatedRevision;
  const isNew = created !== undefined && created !== before?.latestCreatedRevision;
  return [
    ...(isNew ? [normal('RevisionCreated', `the latest revision is ${created}`)] : []),
    ...(becameReady(before, after) ? [normal('RevisionReady', `requests go to revision ${created ?? ''}`)] : []),
    ...failures(before, after),
  ];
}

/** Also by a rollback, which is ready in the same moment. */
function becameReady(before: FunctionStatus | undefined, after: FunctionStatus): boolean {
  const isServing = after.latestReadyRevision === after.latestCreatedRevision;
  return (
    isServing && after.latestReadyRevision !== undefined && after.latestReadyRevision !== before?.latestReadyRevision
  );
}

/** One for each cause, not for each of the conditions that show it; and none when only the wording changed. */
function failures(before: FunctionStatus | undefined, after: FunctionStatus): ObjectEvent[] {
  const told = new Map<FailureReason, ObjectEvent>();
  for (const condition of after.conditions ?? []) {
    const reason = failureIn(condition);
    if (reason !== undefined && condition.type !== 'Ready' && isNews(condition, before, after)) {
      told.set(reason, { type: 'Warning', reason, action: 'Reconcile', note: condition.message });
    }
  }
  return [...told.values()];
}

function isNews(condition: Condition, before: FunctionStatus | undefined, after: FunctionStatus): boolean {
  const earlier = findCondition(before?.conditions, condition.type);
  const isSame = earlier?.status === 'False' && earlier.reason === condition.reason;
  const isOfNewRevision =
    condition.type === 'RevisionReady' && before?.latestCreatedRevision !== after.latestCreatedRevision;
  return !isSame || isOfNewRevision;
}

function failureIn({ status, reason }: Condition): FailureReason | undefined {
  return status === 'False' ? failureReasons.find((known) => known === reason) : undefined;
}

function normal(reason: string, note: string): ObjectEvent {
  return { type: 'Normal', reason, action: 'Reconcile', note };
}
