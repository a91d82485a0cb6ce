import { describe, expect, it } from 'vitest';
import { aPod, aPodSpec } from '../controllers/testing/builders.ts';
import type { ContainerExit, ContainerObservation, ContainerState } from './container-state.ts';
import { makePodStatus, type PodObservation } from './pod-status.ts';

const seenAt = Date.UTC(2026, 0, 1);
const running: ContainerState = { kind: 'running', startedAt: seenAt, containerId: 'process://7' };
const waiting: ContainerState = { kind: 'waiting', reason: 'ContainerCreating' };

function exit(exitCode: number): ContainerExit {
  return {
    exitCode,
    reason: exitCode === 0 ? 'Completed' : 'Error',
    message: '',
    startedAt: seenAt,
    finishedAt: seenAt,
    containerId: 'process://7',
  };
}

function terminated(exitCode: number): ContainerState {
  return { kind: 'terminated', exit: exit(exitCode) };
}

function container(state: ContainerState, more: Partial<ContainerObservation> = {}): ContainerObservation {
  return {
    name: 'main',
    image: 'app',
    state,
    resources: {},
    lastExit: undefined,
    restartCount: 0,
    isReady: false,
    isStarted: true,
    ...more,
  };
}

function observe(containers: ContainerObservation[], initContainers: ContainerObservation[] = []): PodObservation {
  return { containers, initContainers, isPrepared: true, seenAt, now: seenAt + 5000 };
}

describe('the phase of a pod', () => {
  const crashed = { lastExit: exit(1), restartCount: 3 };
  const backOff: ContainerState = { kind: 'waiting', reason: 'CrashLoopBackOff' };
  const cases: { name: string; policy?: string; seen: PodObservation; want: string }[] = [
    { name: 'is Pending before its container runs', seen: observe([container(waiting)]), want: 'Pending' },
    {
      name: 'is Pending until all containers ran',
      seen: observe([container(running), container(waiting)]),
      want: 'Pending',
    },
    { name: 'is Running', seen: observe([container(running)]), want: 'Running' },
    { name: 'is Running while it waits after a crash', seen: observe([container(backOff, crashed)]), want: 'Running' },
    {
      name: 'is Running while one of two runs',
      seen: observe([container(running), container(terminated(1))]),
      want: 'Running',
    },
    { name: 'is Running between end and restart', seen: observe([container(terminated(0))]), want: 'Running' },
    { name: 'is Succeeded at the end', policy: 'Never', seen: observe([container(terminated(0))]), want: 'Succeeded' },
    {
      name: 'is Failed when one failed',
      policy: 'Never',
      seen: observe([container(terminated(0)), container(terminated(1))]),
      want: 'Failed',
    },
    {
      name: 'is Running again after a failure',
      policy: 'OnFailure',
      seen: observe([container(terminated(1))]),
      want: 'Running',
    },
    {
      name: 'is Succeeded after a good end',
      policy: 'OnFailure',
      seen: observe([container(terminated(0))]),
      want: 'Succeeded',
    },
    {
      name: 'is Pending while it initialises',
      seen: observe([container(waiting)], [container(running)]),
      want: 'Pending',
    },
    {
      name: 'is Failed when that fails for good',
      policy: 'Never',
      seen: observe([container(waiting)], [container(terminated(1))]),
      want: 'Failed',
    },
  ];
  for (const { name, policy = 'Always', seen, want } of cases) {
    it(name, () => {
      expect(makePodStatus(aPod('p', aPodSpec({}, { restartPolicy: policy })), seen).phase).toBe(want);
    });
  }

  it('is over for a pod that is being deleted, whatever its restart policy', () => {
    const pod = aPod('p');
    pod.metadata.deletionTimestamp = '2026-01-01T00:00:00Z';
    expect(makePodStatus(pod, observe([container(terminated(143))])).phase).toBe('Failed');
  });
});

describe('the status of a pod', () => {
  function conditionsOf(seen: PodObservation): string[] {
    const { conditions = [] } = makePodStatus(aPod('p'), seen);
    return conditions.map(({ type, status, reason = '' }) => `${type}=${status} ${reason}`.trim());
  }

  it('has its conditions in the order in which they come true', () => {
    expect(conditionsOf(observe([container(running, { isReady: true })]))).toEqual([
      'PodScheduled=True',
      'PodReadyToStartContainers=True',
      'Initialized=True',
      'ContainersReady=True',
      'Ready=True',
    ]);
    expect(conditionsOf(observe([container(waiting)], [container(running)]))).toEqual([
      'PodScheduled=True',
      'PodReadyToStartContainers=True',
      'Initialized=False ContainersNotInitialized',
      'ContainersReady=False ContainersNotReady',
      'Ready=False ContainersNotReady',
    ]);
  });

  it('has an address as soon as a process was started, and not before', () => {
    expect(makePodStatus(aPod('p'), observe([container(waiting)])).podIP).toBeUndefined();
    expect(makePodStatus(aPod('p'), observe([container(running)])).podIP).toBe('127.0.0.1');
  });

  it('keeps the moment of a condition that did not change, and conditions of others', () => {
    const pod = aPod('p');
    const lastTransitionTime = '2025-01-01T00:00:00Z';
    pod.status = {
      conditions: [
        { type: 'Ready', status: 'True', lastTransitionTime },
        { type: 'example.com/gate', status: 'True' },
      ],
    };
    const ready = makePodStatus(pod, observe([container(running, { isReady: true })])).conditions;
    expect(ready?.find(({ type }) => type === 'Ready')?.lastTransitionTime).toBe(lastTransitionTime);
    expect(ready?.some(({ type }) => type === 'example.com/gate')).toBe(true);
    const unready = makePodStatus(pod, observe([container(running)])).conditions;
    expect(unready?.find(({ type }) => type === 'Ready')?.lastTransitionTime).toBe('2026-01-01T00:00:05Z');
  });

  it('is not Ready while a readiness gate is closed', () => {
    const pod = aPod('p', aPodSpec({}, { readinessGates: [{ conditionType: 'example.com/gate' }] }));
    const { conditions } = makePodStatus(pod, observe([container(running, { isReady: true })]));
    expect(conditions?.filter(({ status }) => status === 'False').map(({ type }) => type)).toEqual(['Ready']);
  });

  it('tells how the last run ended while the next one waits', () => {
    const state: ContainerState = { kind: 'waiting', reason: 'CrashLoopBackOff', message: 'back-off 10s' };
    const lastExit = { ...exit(65), message: 'SyntaxError' };
    const [status] =
      makePodStatus(aPod('p'), observe([container(state, { lastExit, restartCount: 2 })])).containerStatuses ?? [];
    expect(status).toMatchObject({
      restartCount: 2,
      ready: false,
      state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off 10s' } },
      lastState: { terminated: { exitCode: 65, reason: 'Error', message: 'SyntaxError' } },
    });
  });
});
