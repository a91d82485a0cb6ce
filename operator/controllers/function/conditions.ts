import { type DesiredCondition, findCondition } from '../../../lib/api/conditions.ts';
import { type Failure, type FailureReason, failureReasons } from '../../../lib/api/reasons.ts';
import type { Revision } from '../../../lib/api/revision.ts';
import { isReady, type Situation } from './decide.ts';

/**
 * Failures that stay until somebody changes this function, or takes away what has its name. The others may end by themselves:
 * an image is pushed, a Secret created, a node added. Tools that wait (kstatus, Flux) give up on Stalled and wait on under Reconciling.
 */
const stalling: readonly FailureReason[] = ['HandlerNotFound', 'CodeDidNotLoad', 'InvalidPodTemplate', 'NameTaken'];

export const conditionTypes = ['Ready', 'RevisionReady', 'Routed', 'Active', 'Reconciling', 'Stalled'] as const;

/**
 * All conditions of a Function. `Ready` is for who is on call: it is True only when what was applied last is what serves.
 * A broken latest Revision makes it False although an older one answers, and so does a serving Revision whose replicas all
 * fail; that nothing runs is no failure.
 */
export function makeConditions(situation: Situation, serving: Revision | undefined): readonly DesiredCondition[] {
  const revisionReady = makeRevisionReady(situation);
  const routed = makeRouted(situation, serving);
  const active = makeActive(serving);
  const ready = makeReady([revisionReady, routed, ...(isFailure(active) ? [active] : [])], situation, serving);
  return [ready, revisionReady, routed, active, ...makeProgress(ready)];
}

/** Why a Revision is not ready, or why none of its replicas runs. */
function failureIn(revision: Revision | undefined, type: 'Ready' | 'Active'): Failure | undefined {
  const condition = findCondition(revision?.status?.conditions, type);
  const reason = failureReasons.find((known) => known === condition?.reason);
  return condition?.status === 'False' && reason !== undefined ? { reason, message: condition.message } : undefined;
}

function makeRevisionReady({ latest, missing, isWaiting = false }: Situation): DesiredCondition {
  const type = 'RevisionReady';
  if (missing !== undefined) {
    return { type, status: 'False', ...missing };
  }
  if (latest === undefined) {
    const message = 'what was deleted under the same name has to be gone first';
    return { type, status: 'Unknown', reason: 'WaitingForDeletion', message };
  }
  const { metadata, spec } = latest;
  const { name } = metadata;
  const failure = failureIn(latest, 'Ready');
  if (failure !== undefined) {
    return { type, status: 'False', ...failure };
  }
  const turn = isWaiting
    ? `, and waits for its turn to follow Runtime '${spec.runtime ?? ''}' (updates.maxParallel)`
    : '';
  return isReady(latest)
    ? { type, status: 'True', reason: 'Ready', message: `revision ${name} is ready${turn}` }
    : {
        type,
        status: 'Unknown',
        reason: 'Starting',
        message: `revision ${name} has to become ready on port ${spec.port}`,
      };
}

function makeRouted({ unrouted }: Situation, serving: Revision | undefined): DesiredCondition {
  const type = 'Routed';
  if (unrouted !== undefined) {
    return { type, status: 'False', ...unrouted };
  }
  return serving === undefined
    ? { type, status: 'Unknown', reason: 'NoReadyRevision', message: 'no revision was ready yet' }
    : { type, status: 'True', reason: 'Routed', message: `requests go to revision ${serving.metadata.name}` };
}

function makeActive(serving: Revision | undefined): DesiredCondition {
  const type = 'Active';
  if (serving === undefined) {
    return { type, status: 'False', reason: 'NoReadyRevision', message: 'no revision was ready yet' };
  }
  const failure = failureIn(serving, 'Active');
  if (failure !== undefined) {
    const message = `revision ${serving.metadata.name} cannot start a replica: ${failure.message}`;
    return { type, status: 'False', reason: failure.reason, message };
  }
  return (serving.status?.replicas ?? 0) > 0
    ? { type, status: 'True', reason: 'Running', message: 'replicas are running' }
    : { type, status: 'False', reason: 'ScaledToZero', message: 'the next request starts a replica' };
}

/** The summary: the first of the others that is not True, of which Revision it speaks, and what serves in spite of it. */
function makeReady(
  parts: readonly DesiredCondition[],
  { latest, missing }: Situation,
  serving: Revision | undefined,
): DesiredCondition {
  const type = 'Ready';
  const obstacle = parts.find(({ status }) => status === 'False') ?? parts.find(({ status }) => status !== 'True');
  if (obstacle === undefined) {
    return { type, status: 'True', reason: 'Ready', message: parts[0]?.message ?? '' };
  }
  const { status, reason, message } = obstacle;
  if (obstacle.type !== 'RevisionReady') {
    return { type, status, reason, message };
  }
  const isBroken = status === 'False' && latest !== undefined && missing === undefined;
  const subject = isBroken ? `revision ${latest.metadata.name} does not start: ` : '';
  const meanwhile = serving === undefined ? '' : `; revision ${serving.metadata.name} goes on serving`;
  return { type, status, reason, message: `${subject}${message}${meanwhile}` };
}

/** Present only while True, and never both. */
function makeProgress({ status, reason, message }: DesiredCondition): readonly DesiredCondition[] {
  if (status === 'True') {
    return [];
  }
  const type = stalling.some((known) => known === reason) ? 'Stalled' : 'Reconciling';
  return [{ type, status: 'True', reason, message }];
}

function isFailure({ reason }: DesiredCondition): boolean {
  return failureReasons.some((known) => known === reason);
}
