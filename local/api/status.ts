import { StatusError, type StatusFields, type StatusReason, type StatusSubject } from '../../lib/kube/status-error.ts';
import type { FieldError } from './field-errors.ts';
import type { Kind } from './kinds/kind.ts';

/** The HTTP code of each reason of metav1.Status that this server gives. */
const codes: Readonly<Record<string, number>> = {
  BadRequest: 400,
  Unauthorized: 401,
  Forbidden: 403,
  NotFound: 404,
  MethodNotAllowed: 405,
  NotAcceptable: 406,
  AlreadyExists: 409,
  Conflict: 409,
  Expired: 410,
  RequestEntityTooLarge: 413,
  UnsupportedMediaType: 415,
  Invalid: 422,
  NotImplemented: 501,
  Timeout: 504,
};

/** What more than its message a refusal says. */
export type RefusalDetails = Pick<StatusFields, 'causes' | 'subject'>;

export function refuse(reason: StatusReason, message: string, details: RefusalDetails = {}): StatusError {
  return new StatusError({ code: codes[reason] ?? 500, reason, message, ...details });
}

/** `functions.flint.dev "hello"`, the way a server names an object in its messages. */
export function nameOf(kind: Kind, name: string): string {
  return `${resourceOf(kind)} "${name}"`;
}

function resourceOf({ group, plural }: Kind): string {
  return group === '' ? plural : `${plural}.${group}`;
}

export function notFound(kind: Kind, name: string): StatusError {
  return refuse('NotFound', `${nameOf(kind, name)} not found`, { subject: byUrl(kind, name) });
}

export function alreadyExists(kind: Kind, name: string): StatusError {
  return refuse('AlreadyExists', `${nameOf(kind, name)} already exists`, { subject: byUrl(kind, name) });
}

export function conflict(kind: Kind, name: string, why: string): StatusError {
  return refuse('Conflict', `Operation cannot be fulfilled on ${nameOf(kind, name)}: ${why}`, {
    subject: byUrl(kind, name),
  });
}

/** Of a kind that does not run here. @throws StatusError NotImplemented naming it and what to use instead */
export function checkPresent(kind: Kind): void {
  if (kind.absence !== undefined) {
    const what = `${kind.kind} (${resourceOf(kind)})`;
    throw refuse('NotImplemented', `the embedded cluster has no ${what}: ${kind.absence.instead}`);
  }
}

function byUrl(kind: Kind, name: string): StatusSubject {
  return { name, group: kind.group, kind: kind.plural };
}

export function invalid(kind: Kind, name: string, errors: readonly FieldError[]): StatusError {
  const subject = kind.group === '' ? `${kind.kind} "${name}"` : `${kind.kind}.${kind.group} "${name}"`;
  const lines = errors.map((error) => (error.field === '' ? error.message : `${error.field}: ${error.message}`));
  const list = lines.length === 1 ? lines[0] : `[${lines.join(', ')}]`;
  return refuse('Invalid', `${subject} is invalid: ${list ?? ''}`, {
    causes: errors.map((error) => ({ reason: error.reason, message: error.message, field: error.field })),
    // kubectl begins its message with `The Function "hello" is invalid` when it finds both here.
    subject: { name, group: kind.group, kind: kind.kind },
  });
}

/** metav1.Status as JSON. */
export function makeStatus(error: StatusError): object {
  const details = {
    ...error.subject,
    ...(error.causes.length === 0 ? {} : { causes: error.causes }),
    ...(error.retryAfterSeconds === undefined ? {} : { retryAfterSeconds: error.retryAfterSeconds }),
  };
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: error.message,
    reason: error.reason,
    ...(Object.keys(details).length === 0 ? {} : { details }),
    code: error.code,
  };
}
