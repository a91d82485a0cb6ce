/** What the platform itself answers; each is a row of the error table in `docs/reference/errors.md`. */
export type ErrorCode =
  | 'FunctionNotFound'
  | 'BadRequest'
  | 'HeadersTooLarge'
  | 'BodyTooLarge'
  | 'QueueFull'
  | 'QueueTimeout'
  | 'ColdStartFailed'
  | 'Overloaded'
  | 'ShuttingDown'
  | 'UpstreamFailed'
  | 'RequestTimeout'
  | 'FirstByteTimeout'
  /** A defect of the activator itself; never the fault of the client or the function. */
  | 'InternalError';

export interface AppErrorOptions extends ErrorOptions {
  /** Sent as `Retry-After`. */
  readonly retryAfterSeconds?: number;
}

/** An expected failure. `code` is part of the contract: answers, logs, metrics and tests use it. */
export class AppError extends Error {
  override readonly name = 'AppError';
  readonly code: ErrorCode;
  readonly retryAfterSeconds: number | undefined;

  constructor(code: ErrorCode, message: string, options: AppErrorOptions = {}) {
    super(message, options);
    this.code = code;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}
