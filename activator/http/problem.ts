import { AppError, type ErrorCode } from '../errors.ts';
import { errorHeader } from './headers.ts';

/** The one place where a failure becomes an HTTP status. */
export const statusOf: Readonly<Record<ErrorCode, number>> = {
  FunctionNotFound: 404,
  BadRequest: 400,
  HeadersTooLarge: 431,
  BodyTooLarge: 413,
  QueueFull: 429,
  QueueTimeout: 504,
  ColdStartFailed: 503,
  Overloaded: 503,
  ShuttingDown: 503,
  UpstreamFailed: 502,
  RequestTimeout: 504,
  FirstByteTimeout: 504,
  InternalError: 500,
};

const titleOf: Readonly<Record<ErrorCode, string>> = {
  FunctionNotFound: 'No function has this host',
  BadRequest: 'The request is malformed',
  HeadersTooLarge: 'The headers of the request are too large',
  BodyTooLarge: 'The body of the request is too large',
  QueueFull: 'Too many requests wait for this function',
  QueueTimeout: 'No replica became free in time',
  ColdStartFailed: 'The function cannot start',
  Overloaded: 'The platform is overloaded',
  ShuttingDown: 'This part of the platform is shutting down',
  UpstreamFailed: 'The connection to the function failed',
  RequestTimeout: 'The function did not finish in time',
  FirstByteTimeout: 'The function did not begin to answer in time',
  InternalError: 'The platform failed',
};

/** How long a client is asked to wait where nobody knew better. */
const defaultRetryAfterSeconds: Readonly<Partial<Record<ErrorCode, number>>> = {
  QueueFull: 1,
  QueueTimeout: 1,
  ColdStartFailed: 10,
  Overloaded: 1,
  ShuttingDown: 1,
};

export interface ProblemContext {
  /** `namespace/name`, once it is known. */
  readonly function?: string;
  readonly requestId?: string;
}

/** An answer of the platform, ready to send. */
export interface Problem {
  readonly status: number;
  /** Names and values in turn. */
  readonly headers: readonly string[];
  /** RFC 9457. */
  readonly body: string;
}

export function makeProblem(error: AppError, context: ProblemContext = {}): Problem {
  const { code } = error;
  const status = statusOf[code];
  const body = `${JSON.stringify({
    type: `https://flint.dev/errors/${code}`,
    title: titleOf[code],
    status,
    detail: error.message,
    code,
    ...context,
  })}\n`;
  const retryAfter = error.retryAfterSeconds ?? defaultRetryAfterSeconds[code];
  return {
    status,
    headers: [
      'Content-Type',
      'application/problem+json',
      'Content-Length',
      String(Buffer.byteLength(body)),
      errorHeader,
      code,
      ...(retryAfter === undefined ? [] : ['Retry-After', String(Math.ceil(retryAfter))]),
      ...(context.requestId === undefined ? [] : ['X-Request-Id', context.requestId]),
    ],
    body,
  };
}

/** What anything thrown means to a client: what nobody expected tells nothing of our insides. */
export function toAppError(error: unknown): AppError {
  return error instanceof AppError
    ? error
    : new AppError('InternalError', 'the activator failed to handle the request', { cause: error });
}
