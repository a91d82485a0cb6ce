import type { Resources } from './mounts.ts';

/** How a container's process ended. Moments are milliseconds since the epoch. */
export interface ContainerExit {
  /** 128 + n for signal n, as a shell says it. */
  readonly exitCode: number;
  readonly reason: 'Completed' | 'Error' | 'OOMKilled' | 'ContainerCannotRun' | 'Unknown';
  /** From the termination log, or the last lines it printed. */
  readonly message: string;
  readonly startedAt: number;
  readonly finishedAt: number;
  readonly containerId: string;
}

export type ContainerState =
  | { readonly kind: 'waiting'; readonly reason: string; readonly message?: string }
  | { readonly kind: 'running'; readonly startedAt: number; readonly containerId: string }
  | { readonly kind: 'terminated'; readonly exit: ContainerExit };

/** One container as the node sees it; a Pod's status is made of these. */
export interface ContainerObservation {
  readonly name: string;
  readonly image: string;
  readonly state: ContainerState;
  /** The end of the run before this one. */
  readonly lastExit: ContainerExit | undefined;
  readonly restartCount: number;
  readonly isReady: boolean;
  /** Its startup probe has passed, or it has none. */
  readonly isStarted: boolean;
  /** What it has now: a change of the spec reaches a process that runs. */
  readonly resources: Resources;
}

export const containerCreating: ContainerState = { kind: 'waiting', reason: 'ContainerCreating' };
export const podInitializing: ContainerState = { kind: 'waiting', reason: 'PodInitializing' };
