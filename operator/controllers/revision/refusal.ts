import type { Failure } from '../../../lib/api/reasons.ts';
import { StatusError } from '../../../lib/kube/status-error.ts';

/**
 * Why the API server will not have a Deployment, when that is for the author of the Function to change; undefined when it is
 * not (a conflict, an outage, a right that the operator lacks), so that the call is repeated.
 */
export function refusalOf(error: unknown): Failure | undefined {
  if (!(error instanceof StatusError)) {
    return undefined;
  }
  const { code, message } = error;
  if (code === 403 && message.includes('exceeded quota')) {
    return { reason: 'QuotaExceeded', message };
  }
  const isRefused =
    code === 400 ||
    code === 422 ||
    // Admission policies and webhooks; RBAC says "User … cannot …".
    (code === 403 && /\bden(?:ied|ies)\b/u.test(message)) ||
    // How a real API server answers an apply with a field that does not exist (1.36: 500 without a reason).
    (code === 500 && message.startsWith('failed to create typed patch object'));
  return isRefused ? { reason: 'InvalidPodTemplate', message } : undefined;
}
