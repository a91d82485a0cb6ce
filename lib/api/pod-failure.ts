import type { Condition, Pod } from '../kube/objects.ts';
import { findCondition } from './conditions.ts';
import { type Failure, type FailureReason, runtimeExitCodes } from './reasons.ts';

type ContainerStatus = NonNullable<NonNullable<Pod['status']>['containerStatuses']>[number];
type Terminated = NonNullable<NonNullable<ContainerStatus['state']>['terminated']>;

const imageReasons = ['ErrImagePull', 'ImagePullBackOff', 'InvalidImageName', 'ErrImageNeverPull', 'ImageInspectError'];

/** Why a Pod cannot serve, as its scheduler and kubelet report it; undefined while nothing speaks against it. */
export function failureOf(pod: Pod): Failure | undefined {
  if (findCondition(pod.status?.conditions as Condition[] | undefined, 'Ready')?.status === 'True') {
    return undefined;
  }
  const failures = (pod.status?.containerStatuses ?? []).map(containerFailure);
  return schedulingFailure(pod) ?? failures.find((failure) => failure !== undefined);
}

function schedulingFailure(pod: Pod): Failure | undefined {
  const scheduled = findCondition(pod.status?.conditions as Condition[] | undefined, 'PodScheduled');
  return scheduled?.status === 'False' && scheduled.reason === 'Unschedulable'
    ? { reason: 'Unschedulable', message: scheduled.message }
    : undefined;
}

function containerFailure(status: ContainerStatus): Failure | undefined {
  const { reason = '', message = '' } = status.state?.waiting ?? {};
  if (imageReasons.includes(reason)) {
    return { reason: 'ImagePullFailed', message: `image ${status.image}: ${message === '' ? reason : message}` };
  }
  if (reason === 'CreateContainerConfigError') {
    return configurationFailure(message);
  }
  const terminated = lastEnd(status, reason);
  return terminated === undefined || terminated.exitCode === 0 ? undefined : crash(terminated);
}

/** How the container ended, while it is down or waits for its next start. */
function lastEnd(status: ContainerStatus, waitingReason: string): Terminated | undefined {
  return status.state?.terminated ?? (waitingReason === 'CrashLoopBackOff' ? status.lastState?.terminated : undefined);
}

/** The kubelet says `secret "x" not found` or `couldn't find key y in ConfigMap ns/x`. */
function configurationFailure(message: string): Failure {
  const reason: FailureReason = /secret/iu.test(message) ? 'SecretNotFound' : 'ConfigMapNotFound';
  return { reason, message };
}

function crash(terminated: Terminated): Failure {
  const line = lastLine(terminated.message ?? '');
  switch (terminated.exitCode) {
    case runtimeExitCodes.codeDidNotLoad:
      return { reason: 'CodeDidNotLoad', message: line };
    case runtimeExitCodes.handlerNotFound:
      return { reason: 'HandlerNotFound', message: line };
    default: {
      const how = terminated.reason === 'OOMKilled' ? 'was killed for using more memory than its limit' : 'ended';
      const said = line === '' ? '' : `: ${line}`;
      return {
        reason: 'ContainerCrashed',
        message: `the container ${how} with exit code ${terminated.exitCode}${said}`,
      };
    }
  }
}

/** The last line that says something; of a JSON log line its message. */
function lastLine(text: string): string {
  const line = text.split('\n').findLast((candidate) => candidate.trim() !== '') ?? '';
  if (!line.startsWith('{')) {
    return line.trim();
  }
  try {
    const record = JSON.parse(line) as { readonly message?: unknown; readonly msg?: unknown };
    const message = record.message ?? record.msg;
    return typeof message === 'string' ? message : line;
  } catch {
    return line;
  }
}
