import { findCondition } from '../../../lib/api/conditions.ts';
import { functionContainer } from '../../../lib/api/names.ts';
import type { Failure } from '../../../lib/api/reasons.ts';
import type { Revision } from '../../../lib/api/revision.ts';
import type { Deployment, Pod } from '../../../lib/kube/objects.ts';

/**
 * How long a first replica may take before that is told as a failure, the pull of its image included: large images come from
 * slow registries, and what is told is a Warning that somebody may be woken by. Kubernetes and Knative wait as long.
 */
export const progressDeadlineSeconds = 600;

const deadlineExceeded = 'ProgressDeadlineExceeded';

/**
 * What neither scheduler nor kubelet call a failure: a container that runs and never becomes ready, or one that never starts.
 * The Deployment's controller counts the time. Only of a Revision that is unproven, and only as long as it has Pods: the
 * condition may still stand when they are wanted no more.
 */
export function findExceededDeadline(
  { spec }: Revision,
  deployment: Deployment | undefined,
  pods: readonly Pod[],
): Failure | undefined {
  const progress = findCondition(deployment?.status?.conditions, 'Progressing');
  if (progress?.status !== 'False' || progress.reason !== deadlineExceeded || pods.length === 0) {
    return undefined;
  }
  const message = pods.some(isRunning) ? unreadyMessage(spec) : unstartedMessage;
  return { reason: deadlineExceeded, message };
}

const minutes = `${progressDeadlineSeconds / 60} minutes`;

const unstartedMessage =
  `the container has not started within ${minutes}: its image is still being pulled, or a volume cannot be mounted; ` +
  "'kubectl describe pod' tells which";

function unreadyMessage({ port, readinessProbe, startupProbe, podTemplate }: Revision['spec']): string {
  const hasOwnProbe = [readinessProbe, startupProbe, podTemplate].some((own) => own !== undefined);
  return hasOwnProbe
    ? `the container runs, but its probes did not succeed within ${minutes}: 'kubectl describe pod' tells what they get; $PORT is ${port}`
    : `the container runs, but nothing answered on its port ${port} within ${minutes}: ` +
        'it has to listen on $PORT and on all addresses, or spec.port has to be where it listens';
}

function isRunning({ status }: Pod): boolean {
  return (status?.containerStatuses ?? []).some(
    ({ name, state }) => name === functionContainer && state?.running !== undefined,
  );
}
