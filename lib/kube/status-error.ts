/** The reasons of metav1.Status that code here branches on; others pass through as they are. */
export type StatusReason =
  | 'NotFound'
  | 'AlreadyExists'
  | 'Conflict'
  | 'Invalid'
  | 'BadRequest'
  | 'Forbidden'
  | 'Unauthorized'
  | 'Gone'
  | 'Expired'
  | 'TooManyRequests'
  | 'InternalError'
  | 'ServiceUnavailable'
  | 'Timeout'
  | (string & {});

export interface StatusCause {
  readonly reason?: string;
  readonly message?: string;
  /** Path of the field that was refused, such as `spec.scaling.target`. */
  readonly field?: string;
}

/** What a refusal is about, as in `details` of metav1.Status; `kind` is the plural where only the URL names it. */
export interface StatusSubject {
  readonly name: string;
  readonly group: string;
  readonly kind: string;
}

export interface StatusFields {
  readonly code: number;
  readonly reason: StatusReason;
  readonly message: string;
  readonly causes?: readonly StatusCause[];
  readonly subject?: StatusSubject;
  /** From `details.retryAfterSeconds` or the `Retry-After` header. */
  readonly retryAfterSeconds?: number;
}

/** Thrown when the API server refused a call. */
export class StatusError extends Error {
  override readonly name = 'StatusError';
  readonly code: number;
  readonly reason: StatusReason;
  readonly causes: readonly StatusCause[];
  readonly subject: StatusSubject | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor(status: StatusFields) {
    super(status.message);
    this.code = status.code;
    this.reason = status.reason;
    this.causes = status.causes ?? [];
    this.subject = status.subject;
    this.retryAfterSeconds = status.retryAfterSeconds;
  }
}

export function isNotFound(error: unknown): boolean {
  return error instanceof StatusError && error.reason === 'NotFound';
}

/** For `.catch` of a call about an object that may be gone: `undefined` then, and every other failure is thrown on. */
export function ignoreNotFound(error: unknown): undefined {
  if (!isNotFound(error)) {
    throw error;
  }
}

export function isAlreadyExists(error: unknown): boolean {
  return error instanceof StatusError && error.reason === 'AlreadyExists';
}

export function isConflict(error: unknown): boolean {
  return error instanceof StatusError && error.reason === 'Conflict';
}

export function isInvalid(error: unknown): boolean {
  return error instanceof StatusError && (error.code === 422 || error.code === 400);
}

/** The server no longer has the history asked for: HTTP 410, or an ERROR event inside a 200 stream. */
export function isExpired(error: unknown): boolean {
  return error instanceof StatusError && (error.code === 410 || error.reason === 'Expired' || error.reason === 'Gone');
}

/** The namespace is on its way out: nothing can be made there, and what is there goes by itself. */
export function isNamespaceTerminating(error: unknown): boolean {
  return error instanceof StatusError && error.causes.some(({ reason }) => reason === 'NamespaceTerminating');
}
