import { findCondition, isTrue } from '../../lib/api/conditions.ts';
import type { Pod, PodStatus } from '../../lib/kube/objects.ts';
import { rfc3339 } from '../../lib/kube/time.ts';
import type { ContainerExit, ContainerObservation, ContainerState } from './container-state.ts';

export interface PodObservation {
  /** In the order of the spec. */
  readonly initContainers: readonly ContainerObservation[];
  readonly containers: readonly ContainerObservation[];
  /** Volumes are there and the first process may start. */
  readonly isPrepared: boolean;
  /** When the node first saw the pod; milliseconds since the epoch. */
  readonly seenAt: number;
  readonly now: number;
}

/** Pods share the machine's loopback; their ports tell them apart. */
export const podIp = '127.0.0.1';

type Condition = NonNullable<PodStatus['conditions']>[number];
type ContainerStatus = NonNullable<PodStatus['containerStatuses']>[number];

export function makePodStatus(pod: Pod, seen: PodObservation): PodStatus {
  const hasStarted = [...seen.initContainers, ...seen.containers].some((container) => hasRun(container));
  return {
    phase: phaseOf(pod, seen),
    conditions: makeConditions(pod, seen),
    ...(hasStarted ? { podIP: podIp, podIPs: [{ ip: podIp }] } : {}),
    hostIP: podIp,
    hostIPs: [{ ip: podIp }],
    startTime: rfc3339(seen.seenAt),
    qosClass: pod.status?.qosClass ?? 'Burstable',
    ...(seen.initContainers.length === 0
      ? {}
      : { initContainerStatuses: seen.initContainers.map(makeContainerStatus) }),
    containerStatuses: seen.containers.map(makeContainerStatus),
  };
}

/** A container that waits for its next try after a crash counts as stopped, not as never started. */
function hasRun({ state, lastExit }: ContainerObservation): boolean {
  return state.kind !== 'waiting' || lastExit !== undefined;
}

function exitOf({ state, lastExit }: ContainerObservation): ContainerExit | undefined {
  return state.kind === 'terminated' ? state.exit : lastExit;
}

function hasFailed(container: ContainerObservation): boolean {
  return container.state.kind === 'terminated' && container.state.exit.exitCode !== 0;
}

/** Pending until every container has run once; then Running while one runs or will be started again. */
function phaseOf(pod: Pod, { initContainers, containers }: PodObservation): string {
  if (initContainers.some(hasFailed) && pod.spec.restartPolicy === 'Never') {
    return 'Failed';
  }
  if (!containers.every(hasRun)) {
    return 'Pending';
  }
  const codes = containers.map((container) => exitOf(container)?.exitCode ?? 0);
  if (containers.some(({ state }) => state.kind === 'running') || willRestart(pod, codes)) {
    return 'Running';
  }
  return codes.every((code) => code === 0) ? 'Succeeded' : 'Failed';
}

function willRestart({ spec, metadata }: Pod, codes: readonly number[]): boolean {
  if (metadata.deletionTimestamp !== undefined || spec.restartPolicy === 'Never') {
    return false;
  }
  return spec.restartPolicy !== 'OnFailure' || codes.some((code) => code !== 0);
}

function makeConditions(pod: Pod, seen: PodObservation): Condition[] {
  const { initContainers, containers, isPrepared } = seen;
  const phase = phaseOf(pod, seen);
  const uninitialized = initContainers.filter(({ state }) => state.kind !== 'terminated' || state.exit.exitCode !== 0);
  const unready = containers.filter(({ isReady }) => !isReady);
  const gates = pod.spec.readinessGates ?? [];
  const closed = gates.filter(({ conditionType }) => !isTrue(pod.status?.conditions, conditionType));
  const containersReady = phase === 'Succeeded' ? completed : refusal('ContainersNotReady', 'unready', unready);
  const ready =
    containersReady === undefined && closed.length > 0
      ? { reason: 'ReadinessGatesNotReady', message: `corresponding condition of pod readiness gate does not exist.` }
      : containersReady;
  const own: [string, Refusal | undefined][] = [
    ['PodScheduled', undefined],
    ['PodReadyToStartContainers', isPrepared ? undefined : {}],
    ['Initialized', refusal('ContainersNotInitialized', 'incomplete', uninitialized)],
    ['ContainersReady', containersReady],
    ['Ready', ready],
  ];
  const names = own.map(([type]) => type);
  const foreign = (pod.status?.conditions ?? []).filter(({ type }) => !names.includes(type));
  return [...own.map(([type, why]) => stamp(pod, type, why, seen.now)), ...foreign];
}

interface Refusal {
  readonly reason?: string;
  readonly message?: string;
}

const completed: Refusal = { reason: 'PodCompleted' };

function refusal(reason: string, adjective: string, containers: readonly ContainerObservation[]): Refusal | undefined {
  const names = containers.map(({ name }) => name).join(' ');
  return names === '' ? undefined : { reason, message: `containers with ${adjective} status: [${names}]` };
}

function stamp(pod: Pod, type: string, why: Refusal | undefined, now: number): Condition {
  const status = why === undefined ? 'True' : 'False';
  const before = findCondition(pod.status?.conditions, type);
  const kept = before?.status === status ? before.lastTransitionTime : undefined;
  return { type, status, ...why, lastTransitionTime: kept ?? rfc3339(now) };
}

function makeContainerStatus(seen: ContainerObservation): ContainerStatus {
  const { name, image, state, lastExit, restartCount, isReady, isStarted, resources } = seen;
  const containerId = idOf(seen);
  return {
    name,
    image,
    imageID: hasRun(seen) ? image : '',
    state: makeState(state),
    lastState: lastExit === undefined ? {} : makeState({ kind: 'terminated', exit: lastExit }),
    restartCount,
    ready: isReady,
    started: state.kind === 'running' && isStarted,
    ...(containerId === undefined ? {} : { containerID: containerId }),
    ...(state.kind === 'running' ? { resources } : {}),
  };
}

function idOf({ state, lastExit }: ContainerObservation): string | undefined {
  if (state.kind === 'waiting') {
    return lastExit?.containerId;
  }
  return state.kind === 'running' ? state.containerId : state.exit.containerId;
}

function makeState(state: ContainerState): NonNullable<ContainerStatus['state']> {
  switch (state.kind) {
    case 'waiting': {
      const { reason, message } = state;
      return { waiting: { reason, ...(message === undefined ? {} : { message }) } };
    }
    case 'running':
      return { running: { startedAt: rfc3339(state.startedAt) } };
    case 'terminated': {
      const { exitCode, reason, message, startedAt, finishedAt, containerId } = state.exit;
      return {
        terminated: {
          exitCode,
          reason,
          ...(message === '' ? {} : { message }),
          startedAt: rfc3339(startedAt),
          finishedAt: rfc3339(finishedAt),
          containerID: containerId,
        },
      };
    }
  }
}
