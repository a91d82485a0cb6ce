import { mergeConditions } from '../../../lib/api/conditions.ts';
import type { FunctionObject, FunctionStatus } from '../../../lib/api/function.ts';
import type { UrlConfig } from '../../config.ts';
import { makeConditions } from './conditions.ts';
import type { Situation, TrafficDecision } from './decide.ts';

export interface StatusInput {
  readonly situation: Situation;
  readonly decision: TrafficDecision;
  readonly urls: UrlConfig;
  /** RFC 3339 */
  readonly now: string;
}

/** The whole status, made anew each time: equal situations make equal statuses. */
export function makeStatus({ situation, decision, urls, now }: StatusInput): FunctionStatus {
  const { fn, revisions } = situation;
  const observedGeneration = fn.metadata.generation ?? 0;
  const serving = revisions.find(({ metadata }) => metadata.name === decision.latestReadyRevision);
  const conditions = makeConditions(situation, serving).map((condition) => ({ ...condition, observedGeneration }));
  return {
    observedGeneration,
    conditions: mergeConditions(fn.status?.conditions ?? [], conditions, now),
    url: externalUrl(fn, urls),
    address: { url: clusterUrl(fn, urls) },
    ...revisionNames(situation, decision),
    traffic: [...decision.traffic],
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

function clusterUrl({ metadata }: FunctionObject, { clusterDomain }: UrlConfig): string {
  return `http://${metadata.name}.${metadata.namespace ?? ''}.svc.${clusterDomain}`;
}

function externalUrl(fn: FunctionObject, urls: UrlConfig): string {
  const [domain] = urls.domains;
  if (domain === undefined) {
    return clusterUrl(fn, urls);
  }
  const port = urls.port === 0 ? '' : `:${urls.port}`;
  return `${urls.scheme}://${fn.metadata.name}.${fn.metadata.namespace ?? ''}.${domain}${port}`;
}
