import { type DesiredCondition, isTrue, mergeConditions } from '../../../lib/api/conditions.ts';
import type { FunctionObject, FunctionStatus } from '../../../lib/api/function.ts';
import type { Failure } from '../../../lib/api/reasons.ts';
import type { Revision } from '../../../lib/api/revision.ts';
import type { UrlConfig } from '../../config.ts';
import { failureOfRevision, type Situation, type TrafficDecision } from './decide.ts';

export interface StatusInput {
  readonly situation: Situation;
  readonly traffic: TrafficDecision;
  /** The function's Service belongs to somebody else. */
  readonly nameTaken: Failure | undefined;
  readonly urls: UrlConfig;
  /** RFC 3339 */
  readonly now: string;
}

/** The whole status, made anew each time: equal situations make equal statuses. */
export function makeStatus(input: StatusInput): FunctionStatus {
  const { situation, traffic, urls } = input;
  const { fn } = situation;
  const serving = situation.revisions.find((revision) => revision.metadata.name === traffic.latestReadyRevision);
  const desired = makeConditions(input, serving).map((condition) => ({
    ...condition,
    observedGeneration: fn.metadata.generation ?? 0,
  }));
  return {
    observedGeneration: fn.metadata.generation ?? 0,
    conditions: mergeConditions(fn.status?.conditions ?? [], desired, input.now),
    url: externalUrl(fn, urls),
    address: { url: clusterUrl(fn, urls) },
    ...revisionNames(situation, traffic),
    traffic: [...traffic.traffic],
    replicas: serving?.status?.replicas ?? 0,
  };
}

function revisionNames(
  { fn, latest }: Situation,
  { latestReadyRevision }: TrafficDecision,
): Pick<FunctionStatus, 'latestCreatedRevision' | 'latestReadyRevision'> {
  const created = latest?.metadata.name ?? fn.status?.latestCreatedRevision;
  return {
    ...(created === undefined ? {} : { latestCreatedRevision: created }),
    ...(latestReadyRevision === undefined ? {} : { latestReadyRevision }),
  };
}

function makeConditions(
  { situation, traffic, nameTaken }: StatusInput,
  serving: Revision | undefined,
): DesiredCondition[] {
  const { latest, missing } = situation;
  const failure = missing ?? failureOfRevision(latest);
  const isLatestReady = latest !== undefined && isTrue(latest.status?.conditions, 'Ready');
  const revisionReady = makeRevisionReady(latest, failure, isLatestReady);
  const routed = makeRouted(traffic, nameTaken);
  const isProgressing = failure === undefined && !isLatestReady;
  return [
    makeReady(revisionReady, routed, serving),
    revisionReady,
    routed,
    makeActive(serving),
    ...(isProgressing ? [makeReconciling(latest)] : []),
    ...(failure === undefined ? [] : [{ type: 'Stalled', status: 'True' as const, ...failure }]),
  ];
}

function makeRevisionReady(
  latest: Revision | undefined,
  failure: Failure | undefined,
  isReady: boolean,
): DesiredCondition {
  if (failure !== undefined) {
    return { type: 'RevisionReady', status: 'False', ...failure };
  }
  const name = latest?.metadata.name ?? '';
  return isReady
    ? { type: 'RevisionReady', status: 'True', reason: 'Ready', message: `revision ${name} is ready` }
    : {
        type: 'RevisionReady',
        status: 'Unknown',
        reason: 'Starting',
        message: `revision ${name} has to prove that it starts`,
      };
}

function makeRouted({ traffic }: TrafficDecision, nameTaken: Failure | undefined): DesiredCondition {
  if (nameTaken !== undefined) {
    return { type: 'Routed', status: 'False', ...nameTaken };
  }
  const target = traffic[0];
  return target === undefined
    ? { type: 'Routed', status: 'Unknown', reason: 'NoReadyRevision', message: 'no revision was ready yet' }
    : { type: 'Routed', status: 'True', reason: 'Routed', message: `requests go to revision ${target.revisionName}` };
}

/** The summary: the first of the others that is not True, with what serves meanwhile. */
function makeReady(
  revisionReady: DesiredCondition,
  routed: DesiredCondition,
  serving: Revision | undefined,
): DesiredCondition {
  const obstacle = [revisionReady, routed].find((condition) => condition.status !== 'True');
  if (obstacle === undefined) {
    return { type: 'Ready', status: 'True', reason: 'Ready', message: revisionReady.message };
  }
  const meanwhile =
    serving === undefined || obstacle !== revisionReady ? '' : `; revision ${serving.metadata.name} goes on serving`;
  return { type: 'Ready', status: obstacle.status, reason: obstacle.reason, message: obstacle.message + meanwhile };
}

/** At zero is not ill: this one never counts for Ready. */
function makeActive(serving: Revision | undefined): DesiredCondition {
  const replicas = serving?.status?.replicas ?? 0;
  return replicas > 0
    ? { type: 'Active', status: 'True', reason: 'Running', message: 'replicas are running' }
    : { type: 'Active', status: 'False', reason: 'ScaledToZero', message: 'the next request starts a replica' };
}

function makeReconciling(latest: Revision | undefined): DesiredCondition {
  const message = `waiting for revision ${latest?.metadata.name ?? ''}`;
  return { type: 'Reconciling', status: 'True', reason: 'Starting', message };
}

function clusterUrl(fn: FunctionObject, { clusterDomain }: UrlConfig): string {
  return `http://${fn.metadata.name}.${fn.metadata.namespace ?? ''}.svc.${clusterDomain}`;
}

function externalUrl(fn: FunctionObject, urls: UrlConfig): string {
  const [domain] = urls.domains;
  if (domain === undefined) {
    return clusterUrl(fn, urls);
  }
  const port = urls.port === 0 ? '' : `:${urls.port}`;
  return `${urls.scheme}://${fn.metadata.name}.${fn.metadata.namespace ?? ''}.${domain}${port}`;
}
