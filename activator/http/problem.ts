import type { ServerResponse } from 'node:http';
import type { AppError, ErrorCode } from '../errors.ts';

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
  InternalError: 500,
  RequestTimeout: 504,
  FirstByteTimeout: 504,
};

const titles: Readonly<Record<ErrorCode, string>> = {
  FunctionNotFound: 'No function has this host',
  BadRequest: 'The request is malformed',
  HeadersTooLarge: 'The headers are too large',
  BodyTooLarge: 'The body is too large',
  QueueFull: 'Too many requests wait for this function',
  QueueTimeout: 'No replica became free in time',
  ColdStartFailed: 'The function cannot start',
  Overloaded: 'The platform is overloaded',
  ShuttingDown: 'The platform is shutting down',
  UpstreamFailed: 'The connection to the function failed',
  InternalError: 'The platform made a mistake',
  RequestTimeout: 'The function did not finish in time',
  FirstByteTimeout: 'The function did not begin to answer in time',
};

/** What clients may wait for before they try again, where the failure itself says nothing. */
const retryAfterSeconds: Readonly<Partial<Record<ErrorCode, number>>> = {
  QueueFull: 1,
  QueueTimeout: 1,
  ColdStartFailed: 5,
  Overloaded: 1,
  ShuttingDown: 1,
};

export interface ProblemContext {
  /** `namespace/name` */
  readonly functionKey: string | undefined;
  readonly requestId: string;
}

export interface Problem {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** An answer of the platform itself: `application/problem+json` (RFC 9457) and `flint-error`. */
export function makeProblem(error: AppError, context: ProblemContext): Problem {
  const { code } = error;
  const status = statusOf[code];
  const retryAfter = error.retryAfterSeconds ?? retryAfterSeconds[code];
  const body = {
    type: `https://flint.dev/errors/${code}`,
    title: titles[code],
    status,
    detail: error.message,
    code,
    ...(context.functionKey === undefined ? {} : { function: context.functionKey }),
    requestId: context.requestId,
  };
  const text = `${JSON.stringify(body)}\n`;
  return {
    status,
    headers: {
      'content-type': 'application/problem+json',
      'content-length': String(Buffer.byteLength(text)),
      'flint-error': code,
      'x-request-id': context.requestId,
      ...(retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) }),
      // The rest of a malformed or refused body must not be taken for the next request.
      ...(code === 'BadRequest' || code === 'HeadersTooLarge' ? { connection: 'close' } : {}),
    },
    body: text,
  };
}

/** Answers with the problem; once a head is out, all that is left is to break the connection. */
export function sendProblem(response: ServerResponse, problem: Problem): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  response.writeHead(problem.status, problem.headers).end(problem.body);
}
