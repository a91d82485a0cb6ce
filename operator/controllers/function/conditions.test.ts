import { describe, expect, it } from 'vitest';
import { type DesiredCondition, findCondition } from '../../../lib/api/conditions.ts';
import type { Failure } from '../../../lib/api/reasons.ts';
import type { Revision } from '../../../lib/api/revision.ts';
import type { Condition } from '../../../lib/kube/objects.ts';
import { aFunction, aReadyRevision, aRevision } from '../../testing/builders.ts';
import { makeConditions } from './conditions.ts';
import type { Situation } from './decide.ts';

function conditionsOf(parts: Partial<Situation>, serving?: Revision): Record<string, DesiredCondition> {
  const situation = { fn: aFunction(), revisions: [], latest: undefined, missing: undefined, unrouted: undefined };
  const made = makeConditions({ ...situation, ...parts }, serving) as Condition[];
  expect(findCondition(made, 'Reconciling') === undefined || findCondition(made, 'Stalled') === undefined).toBe(true);
  return Object.fromEntries(made.map((condition) => [condition.type, condition]));
}

const running = aReadyRevision('a', { replicas: 2, active: { status: 'True' } });
const atZero = aReadyRevision('a', { active: { status: 'False', reason: 'NoReplicas' } });
const unpullable = aReadyRevision('a', {
  active: { status: 'False', reason: 'ImagePullFailed', message: 'image x: gone' },
});
const starting = aRevision('b');
const failing = (failure: Failure) => aRevision('b', { ready: { status: 'False', ...failure } });
const gone: Failure = { reason: 'ConfigMapNotFound', message: "there is no ConfigMap 'code'" };

describe('the conditions of a function', () => {
  const cases: readonly { name: string; parts: Partial<Situation>; serving?: Revision; want: object }[] = [
    {
      name: 'that runs: all is well',
      parts: { latest: running },
      serving: running,
      want: {
        Ready: { status: 'True', reason: 'Ready', message: 'revision a is ready' },
        RevisionReady: { status: 'True' },
        Routed: { status: 'True', message: 'requests go to revision a' },
        Active: { status: 'True', reason: 'Running' },
      },
    },
    {
      name: 'that waits for its turn in following its Runtime: all is well, and it says so',
      parts: { latest: running, isWaiting: true },
      serving: running,
      want: {
        Ready: {
          status: 'True',
          reason: 'Ready',
          message: "revision a is ready, and waits for its turn to follow Runtime 'nodejs' (updates.maxParallel)",
        },
      },
    },
    {
      name: 'at zero: all is well',
      parts: { latest: atZero },
      serving: atZero,
      want: { Ready: { status: 'True' }, Active: { status: 'False', reason: 'ScaledToZero' } },
    },
    {
      name: 'whose first Revision starts: wait',
      parts: { latest: starting },
      want: {
        Ready: { status: 'Unknown', reason: 'Starting' },
        Routed: { status: 'Unknown', reason: 'NoReadyRevision' },
        Active: { status: 'False', reason: 'NoReadyRevision' },
        Reconciling: { status: 'True', reason: 'Starting' },
      },
    },
    {
      name: 'whose next Revision starts: wait, the old one serves',
      parts: { latest: starting },
      serving: running,
      want: {
        Ready: {
          status: 'Unknown',
          message: 'revision b has to become ready on port 8080; revision a goes on serving',
        },
        Routed: { status: 'True' },
        Active: { status: 'True' },
        Reconciling: { status: 'True' },
      },
    },
    {
      name: 'whose next Revision does not start: act, the old one serves',
      parts: { latest: failing({ reason: 'HandlerNotFound', message: 'no export "main"' }) },
      serving: running,
      want: {
        Ready: {
          status: 'False',
          reason: 'HandlerNotFound',
          message: 'revision b does not start: no export "main"; revision a goes on serving',
        },
        RevisionReady: { status: 'False', reason: 'HandlerNotFound', message: 'no export "main"' },
        Routed: { status: 'True' },
        Stalled: { status: 'True', reason: 'HandlerNotFound' },
      },
    },
    {
      name: 'that no node has room for: it may come by itself',
      parts: { latest: failing({ reason: 'Unschedulable', message: '0/3 nodes' }) },
      serving: running,
      want: { Ready: { status: 'False', reason: 'Unschedulable' }, Reconciling: { status: 'True' } },
    },
    {
      name: 'whose code is not there',
      parts: { missing: gone },
      want: {
        Ready: { status: 'False', ...gone },
        RevisionReady: { status: 'False', ...gone },
        Routed: { status: 'Unknown' },
        Reconciling: { status: 'True', reason: 'ConfigMapNotFound' },
      },
    },
    {
      name: 'whose code is not there any more: the old one serves',
      parts: { missing: gone },
      serving: running,
      want: { Ready: { status: 'False', message: `${gone.message}; revision a goes on serving` } },
    },
    {
      name: 'of whose predecessor something is left: wait',
      parts: {},
      want: { Ready: { status: 'Unknown', reason: 'WaitingForDeletion' }, Reconciling: { status: 'True' } },
    },
    {
      name: 'whose name is taken',
      serving: running,
      parts: { latest: running, unrouted: { reason: 'NameTaken', message: "a Service 'hello' exists" } },
      want: {
        Ready: { status: 'False', reason: 'NameTaken', message: "a Service 'hello' exists" },
        RevisionReady: { status: 'True' },
        Routed: { status: 'False', reason: 'NameTaken' },
        Stalled: { status: 'True' },
      },
    },
    {
      name: 'whose serving Revision cannot start a replica',
      parts: { latest: unpullable },
      serving: unpullable,
      want: {
        Ready: {
          status: 'False',
          reason: 'ImagePullFailed',
          message: 'revision a cannot start a replica: image x: gone',
        },
        RevisionReady: { status: 'True' },
        Active: { status: 'False', reason: 'ImagePullFailed' },
        Reconciling: { status: 'True' },
      },
    },
    {
      name: 'with a failure that is certain and one that is not: the certain one counts',
      parts: { latest: starting, unrouted: { reason: 'NameTaken', message: "a Service 'hello' exists" } },
      want: { Ready: { status: 'False', reason: 'NameTaken' } },
    },
  ];
  it.each(cases)('$name', ({ parts, serving, want }) => {
    expect(conditionsOf(parts, serving)).toMatchObject(want);
  });

  it('say Reconciling or Stalled only while it is so', () => {
    expect(Object.keys(conditionsOf({ latest: running }, running))).toEqual([
      'Ready',
      'RevisionReady',
      'Routed',
      'Active',
    ]);
  });
});
