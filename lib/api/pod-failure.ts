import type { Condition, Pod } from '../kube/objects.ts';
import { isEnding } from '../kube/pod-phase.ts';
import { findCondition, isTrue } from './conditions.ts';
import { type Failure, runtimeExitCodes } from './reasons.ts';

type ContainerStatus = NonNullable<NonNullable<Pod['status']>['containerStatuses']>[number];
type Terminated = NonNullable<NonNullable<ContainerStatus['state']>['terminated']>;

const imageReasons: readonly string[] = [
  'ErrImagePull',
  'ImagePullBackOff',
  'InvalidImageName',
  'ErrImageNeverPull',
  'ImageInspectError',
  'RegistryUnavailable',
];

/**
 * Why a Pod cannot serve, as its scheduler and kubelet report it; undefined while nothing speaks against it. One that is
 * Ready, whatever happened before, and one that is on its way out or over have no failure. What only events tell (a volume
 * that cannot be mounted) is not seen here.
 */
export function failureOf(pod: Pod): Failure | undefined {
  const conditions = pod.status?.conditions as Condition[] | undefined;
  if (isEnding(pod) || isTrue(conditions, 'Ready')) {
    return undefined;
  }
  const containers = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])];
  return schedulingFailure(conditions) ?? containers.map(containerFailure).find((failure) => failure !== undefined);
}

function schedulingFailure(conditions: readonly Condition[] | undefined): Failure | undefined {
  const scheduled = findCondition(conditions, 'PodScheduled');
  return scheduled?.status === 'False' && scheduled.reason === 'Unschedulable'
    ? { reason: 'Unschedulable', message: scheduled.message }
    : undefined;
}

function containerFailure(status: ContainerStatus): Failure | undefined {
  return waitingFailure(status) ?? endFailure(status);
}

function waitingFailure({ image, state }: ContainerStatus): Failure | undefined {
  const { reason = '', message = '' } = state?.waiting ?? {};
  if (imageReasons.includes(reason)) {
    return { reason: 'ImagePullFailed', message: `image ${image}: ${message === '' ? reason : message}` };
  }
  switch (reason) {
    case 'CreateContainerConfigError':
      return configurationFailure(message);
    case 'CreateContainerError':
    case 'RunContainerError':
      return { reason: 'ContainerCrashed', message: `the container could not be started: ${message}` };
    default:
      return undefined;
  }
}

/** The kubelet says `secret "x" not found` or `couldn't find key y in ConfigMap ns/x`; what else it says has no own reason. */
function configurationFailure(message: string): Failure {
  if (/\bsecret\b/iu.test(message)) {
    return { reason: 'SecretNotFound', message };
  }
  return /\bconfigmap\b/iu.test(message)
    ? { reason: 'ConfigMapNotFound', message }
    : { reason: 'ContainerCrashed', message: `the container could not be created: ${message}` };
}

/** A container that is down, or waits for its next start, failed if it did not end by itself. */
function endFailure({ state, lastState }: ContainerStatus): Failure | undefined {
  const last = state?.waiting?.reason === 'CrashLoopBackOff' ? lastState?.terminated : undefined;
  const terminated = state?.terminated ?? last;
  return terminated === undefined || terminated.exitCode === 0 ? undefined : crash(terminated);
}

function crash({ exitCode, reason, message = '' }: Terminated): Failure {
  const line = lastLine(message);
  switch (exitCode) {
    case runtimeExitCodes.codeDidNotLoad:
      return { reason: 'CodeDidNotLoad', message: line === '' ? 'the code did not load' : line };
    case runtimeExitCodes.handlerNotFound:
      return { reason: 'HandlerNotFound', message: line === '' ? 'there is no such handler' : line };
    default: {
      const how = reason === 'OOMKilled' ? 'was killed for using more memory than its limit (OOMKilled)' : 'ended';
      const said = line === '' ? '' : `: ${line}`;
      return { reason: 'ContainerCrashed', message: `the container ${how} with exit code ${exitCode}${said}` };
    }
  }
}

/** What follows the cause in the output of an uncaught error: the stack, empty lines, and in Node its version. */
const afterCause = /^(?:\s*|\s+at .*|Node\.js v[\d.]+)$/u;

/** The last line that says something; of a JSON log line its message. */
function lastLine(text: string): string {
  const line = text.split('\n').findLast((candidate) => !afterCause.test(candidate)) ?? '';
  return line.startsWith('{') ? messageOf(line) : line.trim();
}

function messageOf(line: string): string {
  try {
    const record = JSON.parse(line) as { readonly message?: unknown; readonly msg?: unknown };
    const message = record.message ?? record.msg;
    return typeof message === 'string' ? message : line;
  } catch {
    // A line that was cut at the kubelet's 4 KiB.
    return line;
  }
}
