import type { Failure, FailureReason } from '../../lib/api/reasons.ts';
import { StatusError } from '../../lib/kube/status-error.ts';

/**
 * A refusal may be withdrawn (a quota raised, a policy changed, a namesake deleted) without anything that would tell us: what
 * was refused is tried again this often.
 */
export const retryRefusedMs = 60_000;

/**
 * Why the API server will not have an object, when that is for people to change; undefined when it is not (a conflict, an
 * outage, a right that the operator lacks), so that the call is repeated.
 * @param reason what it is but for a quota
 */
export function refusalOf(error: unknown, reason: FailureReason): Failure | undefined {
  if (!(error instanceof StatusError)) {
    return undefined;
  }
  const { code, message } = error;
  if (code === 403 && isOfQuota(message)) {
    return { reason: 'QuotaExceeded', message };
  }
  const isRefused =
    code === 400 ||
    code === 422 ||
    // Admission policies and webhooks; RBAC says "User … cannot …".
    (code === 403 && /\bden(?:ied|ies)\b/u.test(message)) ||
    // How a real API server answers an apply with a field that does not exist (1.36: 500 without a reason).
    (code === 500 && message.startsWith('failed to create typed patch object'));
  return isRefused ? { reason, message } : undefined;
}

/**
 * The same of a Pod, of which a Deployment tells only the words of the server. What is no refusal (an outage, a webhook that
 * does not answer) is tried again by its controller.
 */
export function refusalIn(message: string): Failure | undefined {
  if (isOfQuota(message)) {
    return { reason: 'QuotaExceeded', message };
  }
  const isRefused = /\bis (?:forbidden|invalid): |\bdenied the request\b/u.test(message);
  return isRefused ? { reason: 'InvalidPodTemplate', message } : undefined;
}

/** There is no room (`exceeded quota: …`), or what the quota counts is not stated (`failed quota: …: must specify …`). */
function isOfQuota(message: string): boolean {
  return /\b(?:exceeded|failed) quota: /u.test(message);
}
