import type { Pod } from '../../lib/kube/objects.ts';
import type { ContainerExit } from './container-state.ts';

type ContainerStatus = NonNullable<NonNullable<Pod['status']>['containerStatuses']>[number];
type Terminated = NonNullable<NonNullable<ContainerStatus['state']>['terminated']>;

/** How a container ran before the node went down. */
export interface FormerRun {
  readonly exit: ContainerExit;
  /** Of the run that comes next. */
  readonly restartCount: number;
}

/** containerd's exit code of a container whose process it cannot ask any more. */
const unknownExitCode = 255;

/**
 * What a Pod's status tells of runs that this node did not see, because it went down meanwhile: by container. Their processes
 * are gone, and each counts as one that ended, as after the reboot of a machine. Empty for a Pod that never ran.
 */
export function readFormerRuns({ status }: Pod, now: number): ReadonlyMap<string, FormerRun> {
  const all = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
  return new Map(
    all.flatMap((container) => {
      const exit = exitOf(container, now);
      return exit === undefined ? [] : [[container.name, { exit, restartCount: container.restartCount + 1 }] as const];
    }),
  );
}

function exitOf({ state, lastState, containerID = '' }: ContainerStatus, now: number): ContainerExit | undefined {
  if (state?.running !== undefined) {
    return {
      exitCode: unknownExitCode,
      reason: 'Unknown',
      message: '',
      startedAt: momentOf(state.running.startedAt, now),
      finishedAt: now,
      containerId: containerID,
    };
  }
  const ended = state?.terminated ?? lastState?.terminated;
  return ended === undefined ? undefined : readExit(ended, now);
}

function readExit(ended: Terminated, now: number): ContainerExit {
  return {
    exitCode: ended.exitCode,
    reason: (ended.reason ?? 'Error') as ContainerExit['reason'],
    message: ended.message ?? '',
    startedAt: momentOf(ended.startedAt, now),
    finishedAt: momentOf(ended.finishedAt, now),
    containerId: ended.containerID ?? '',
  };
}

function momentOf(time: string | undefined, otherwise: number): number {
  return time === undefined ? otherwise : Date.parse(time);
}
