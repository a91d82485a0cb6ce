import { describe, expect, it } from 'vitest';
import type { Deployment, Pod } from '../../../lib/kube/objects.ts';
import { aRevision } from '../../testing/builders.ts';
import { findExceededDeadline } from './progress-deadline.ts';

type ContainerStatus = NonNullable<NonNullable<Pod['status']>['containerStatuses']>[number];

function aPod(name: string, state: NonNullable<ContainerStatus['state']>): Pod {
  const status = { name, image: 'x', imageID: '', ready: false, restartCount: 0, state };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p' },
    spec: { containers: [] },
    status: { containerStatuses: [status] },
  };
}

function aDeployment(status: 'True' | 'False', reason: string): Deployment {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'a' },
    spec: { selector: {}, template: {} },
    status: { conditions: [{ type: 'Progressing', status, reason }] },
  };
}

const exceeded = aDeployment('False', 'ProgressDeadlineExceeded');
const runs = aPod('function', { running: {} });

describe('a deadline that is exceeded', () => {
  const cases = [
    {
      name: 'while the container runs: the port is named, and what to check',
      pod: runs,
      revision: aRevision('a', { spec: { port: 9000 } }),
      says: /nothing answered on its port 9000 within 10 minutes: .*\$PORT .*spec\.port/u,
    },
    {
      name: 'while the container runs, with a probe of its own',
      pod: runs,
      revision: aRevision('a', { spec: { readinessProbe: { httpGet: { path: '/up', port: 8080 } } } }),
      says: /its probes did not succeed within 10 minutes/u,
    },
    {
      name: 'while the container is being created',
      pod: aPod('function', { waiting: { reason: 'ContainerCreating' } }),
      revision: aRevision('a'),
      says: /the container has not started within 10 minutes: .*image.*volume/u,
    },
    {
      name: 'while only another container of the Pod runs',
      pod: aPod('sidecar', { running: {} }),
      revision: aRevision('a'),
      says: /the container has not started/u,
    },
  ];
  it.each(cases)('$name', ({ revision, pod, says }) => {
    const failure = findExceededDeadline(revision, exceeded, [pod]);
    expect(failure?.reason).toBe('ProgressDeadlineExceeded');
    expect(failure?.message).toMatch(says);
  });

  it.each([
    { name: 'is nothing any more where no Pod is wanted', deployment: exceeded, pods: [] },
    { name: 'is not one that still runs', deployment: aDeployment('True', 'ReplicaSetUpdated'), pods: [runs] },
    {
      name: 'is not another reason for no progress',
      deployment: aDeployment('False', 'FailedCreate'),
      pods: [runs],
    },
    { name: 'is none without a Deployment', deployment: undefined, pods: [runs] },
  ])('$name', ({ deployment, pods }) => {
    expect(findExceededDeadline(aRevision('a'), deployment, pods)).toBeUndefined();
  });
});
