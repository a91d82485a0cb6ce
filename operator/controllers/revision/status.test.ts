import { describe, expect, it } from 'vitest';
import { findCondition } from '../../../lib/api/conditions.ts';
import type { Condition, Deployment, Pod } from '../../../lib/kube/objects.ts';
import { aReadyRevision, aRevision } from '../../testing/builders.ts';
import { makeRevisionStatus, type RevisionSituation } from './status.ts';

type PodStatus = NonNullable<Pod['status']>;

function aPod(status: PodStatus, metadata: Partial<Pod['metadata']> = {}): Pod {
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', ...metadata }, spec: { containers: [] }, status };
}

const isReady = { conditions: [{ type: 'Ready', status: 'True' }] };
const ready = aPod(isReady);
const leaving = aPod(isReady, { deletionTimestamp: '2026-01-01T00:00:00Z' });
const pending = aPod({ phase: 'Pending' });
const withContainer = (state: object, restartCount = 0): Pod =>
  aPod({ containerStatuses: [{ name: 'function', image: 'x', imageID: '', ready: false, restartCount, state }] });
const crashed = withContainer({ terminated: { exitCode: 66, message: 'no handler' } });
const evicted = aPod({ ...crashed.status, phase: 'Failed', reason: 'Evicted' });
const restarting = withContainer({ running: {} }, 1);

const deployed = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'a' } } as Deployment;
const withoutPods = (message: string): Deployment => ({
  ...deployed,
  status: { conditions: [{ type: 'ReplicaFailure', status: 'True', message }] },
});

const late: Deployment = {
  ...deployed,
  status: { conditions: [{ type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded' }] },
};
const mute = withContainer({ running: {} });

describe('the status of a Revision', () => {
  const situation: RevisionSituation = {
    revision: aRevision('a'),
    deployment: deployed,
    pods: [],
    initialReplicas: 1,
    failure: undefined,
    now: '2026-01-01T00:00:00Z',
  };
  const failure = { status: 'False', reason: 'HandlerNotFound', message: 'no handler' } as const;
  const tooLate = { status: 'False', reason: 'ProgressDeadlineExceeded' } as const;
  const cases: readonly {
    name: string;
    given: Partial<RevisionSituation>;
    ready: Partial<Condition>;
    active?: Partial<Condition>;
    replicas?: number;
  }[] = [
    { name: 'without Pods yet', given: {}, ready: { status: 'Unknown', reason: 'Starting' } },
    { name: 'with a Pod on its way', given: { pods: [pending] }, ready: { status: 'Unknown' } },
    {
      name: 'with a Pod that is ready',
      given: { pods: [pending, ready, ready] },
      ready: { status: 'True', reason: 'Proven' },
      active: { status: 'True' },
      replicas: 2,
    },
    {
      name: 'proven before, and at zero now',
      given: { revision: aReadyRevision('a') },
      ready: { status: 'True' },
      active: { status: 'False', reason: 'NoReplicas' },
    },
    { name: 'with a Pod on its way out only', given: { pods: [leaving] }, ready: { status: 'Unknown' } },
    {
      name: 'proven before, of which an evicted Pod is left',
      given: { revision: aReadyRevision('a'), pods: [evicted] },
      ready: { status: 'True' },
      active: { status: 'False', reason: 'NoReplicas' },
    },
    { name: 'with a Pod that fails', given: { pods: [pending, crashed] }, ready: failure, active: failure },
    {
      name: 'with a Pod that fails and one that is ready',
      given: { pods: [crashed, ready] },
      ready: { status: 'True' },
      active: { status: 'True' },
      replicas: 1,
    },
    {
      name: 'proven before, whose Pods fail now',
      given: { revision: aReadyRevision('a'), pods: [crashed] },
      ready: { status: 'True' },
      active: failure,
    },
    {
      name: 'whose failed container starts again: it has not recovered yet',
      given: { revision: aRevision('a', { ready: failure, active: failure }), pods: [restarting] },
      ready: failure,
      active: failure,
    },
    {
      name: 'whose failed Pod was replaced: that is a new chance',
      given: { revision: aRevision('a', { ready: failure, active: failure }), pods: [pending] },
      ready: { status: 'Unknown', reason: 'Starting' },
    },
    {
      name: 'whose Pods a quota forbids',
      given: { deployment: withoutPods('pods "a-1" is forbidden: exceeded quota: small, requested: pods=1') },
      ready: { status: 'False', reason: 'QuotaExceeded' },
    },
    {
      name: 'whose container runs and never answers',
      given: { deployment: late, pods: [mute] },
      ready: tooLate,
      active: tooLate,
    },
    {
      name: 'whose container answers after all',
      given: { revision: aRevision('a', { ready: tooLate, active: tooLate }), deployment: late, pods: [ready] },
      ready: { status: 'True', reason: 'Proven' },
      active: { status: 'True' },
      replicas: 1,
    },
    {
      name: 'that is late, since its container crashes',
      given: { deployment: late, pods: [mute, crashed] },
      ready: failure,
      active: failure,
    },
    {
      name: 'that is late, since a crashed container starts again and again',
      given: { revision: aRevision('a', { ready: failure, active: failure }), deployment: late, pods: [restarting] },
      ready: failure,
      active: failure,
    },
    {
      name: 'that was late, and makes progress again',
      given: { revision: aRevision('a', { ready: tooLate, active: tooLate }), pods: [restarting] },
      ready: { status: 'Unknown', reason: 'Starting' },
    },
    {
      name: 'proven before, of which not all replicas came in time',
      given: { revision: aReadyRevision('a'), deployment: late, pods: [mute] },
      ready: { status: 'True' },
      active: { status: 'False', reason: 'NoReplicas' },
    },
    {
      name: 'whose Pods a policy forbids',
      given: { deployment: withoutPods('pods "a-1" is forbidden: violates PodSecurity "restricted:latest"') },
      ready: { status: 'False', reason: 'InvalidPodTemplate' },
    },
    {
      name: 'whose Deployment was refused',
      given: { deployment: undefined, failure: { reason: 'InvalidPodTemplate', message: 'no' } },
      ready: { status: 'False', reason: 'InvalidPodTemplate', message: 'no' },
    },
    {
      name: 'that has nothing to prove',
      given: { initialReplicas: 0 },
      ready: { status: 'True', reason: 'Unproven' },
      active: { status: 'False', reason: 'NoReplicas' },
    },
    {
      name: 'that has nothing to prove, but no Deployment yet',
      given: { initialReplicas: 0, deployment: undefined },
      ready: { status: 'Unknown' },
    },
  ];
  it.each(cases)('$name', ({ given, ready: wantReady, active = {}, replicas = 0 }) => {
    const status = makeRevisionStatus({ ...situation, ...given });
    expect(findCondition(status.conditions, 'Ready')).toMatchObject(wantReady);
    expect(findCondition(status.conditions, 'Active')).toMatchObject(active);
    expect(status.replicas).toBe(replicas);
  });

  it('is the same again when nothing has changed, but for nothing', () => {
    const first = makeRevisionStatus({ ...situation, pods: [ready] });
    const revision = { ...situation.revision, status: first };
    const later = makeRevisionStatus({ ...situation, revision, pods: [ready], now: '2026-01-02T00:00:00Z' });
    expect(later).toEqual(first);
  });

  it("leaves the activator's part of it alone", () => {
    const revision = { ...aReadyRevision('a'), status: { coldStart: { count: 3 } } };
    expect(makeRevisionStatus({ ...situation, revision })).not.toHaveProperty('coldStart');
  });
});
