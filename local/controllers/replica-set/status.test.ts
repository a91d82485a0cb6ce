import { expect, it } from 'vitest';
import type { ReplicaSet } from '../../../lib/kube/objects.ts';
import { makeReplicaSetStatus } from './status.ts';

const replicaSet = { metadata: { name: 'a', namespace: 'shop' }, spec: { replicas: 1 } } as ReplicaSet;
const failed = (pod: string): { reason: 'FailedCreate'; message: string } => ({
  reason: 'FailedCreate',
  message: `pods "${pod}" is forbidden: exceeded quota: small`,
});

it('what failed first stays said, whatever fails after it, until nothing does', () => {
  const first = makeReplicaSetStatus({ replicaSet, pods: [], failure: failed('a-1'), now: 0 }).status;
  expect(first.conditions).toMatchObject([{ type: 'ReplicaFailure', status: 'True', ...failed('a-1') }]);
  const later = { ...replicaSet, status: first };
  const second = makeReplicaSetStatus({ replicaSet: later, pods: [], failure: failed('a-2'), now: 9000 }).status;
  expect(second).toEqual(first);
  expect(
    makeReplicaSetStatus({ replicaSet: later, pods: [], failure: undefined, now: 9000 }).status.conditions,
  ).toEqual([]);
});
