import type { Failure } from '../../lib/api/reasons.ts';
import { AppError } from '../errors.ts';

/** What a client should wait before it tries again: about as long as a fix or the kubelet's next try takes. */
const retryAfterSeconds = 10;

/** Why no replica will come up: every one there is has failed. Undefined while there is none, or one that may still. */
export function commonFailure(replicas: Iterable<{ readonly failure: Failure | undefined }>): Failure | undefined {
  let first: Failure | undefined;
  for (const { failure } of replicas) {
    if (failure === undefined) {
      return undefined;
    }
    first ??= failure;
  }
  return first;
}

export function coldStartFailed(failure: Failure): AppError {
  return new AppError('ColdStartFailed', `${failure.reason}: ${failure.message}`, { retryAfterSeconds });
}
