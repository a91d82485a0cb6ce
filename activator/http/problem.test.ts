import { describe, expect, it } from 'vitest';
import { AppError, type ErrorCode } from '../errors.ts';
import { valuesOf } from './headers.ts';
import { makeProblem, statusOf, toAppError } from './problem.ts';

describe('an answer of the platform', () => {
  const statuses: Record<ErrorCode, number> = {
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

  it('has the status that the API promises', () => {
    expect(statusOf).toEqual(statuses);
  });

  const retried: ErrorCode[] = ['QueueFull', 'QueueTimeout', 'ColdStartFailed', 'Overloaded', 'ShuttingDown'];
  for (const code of Object.keys(statuses) as ErrorCode[]) {
    it(`says ${code} in its header and its body`, () => {
      const problem = makeProblem(new AppError(code, 'what happened'), { function: 'shop/hello', requestId: 'id' });
      expect(problem.status).toBe(statuses[code]);
      expect(valuesOf(problem.headers, 'flint-error')).toEqual([code]);
      expect(valuesOf(problem.headers, 'content-type')).toEqual(['application/problem+json']);
      expect(valuesOf(problem.headers, 'content-length')).toEqual([String(Buffer.byteLength(problem.body))]);
      expect(valuesOf(problem.headers, 'retry-after')).toHaveLength(retried.includes(code) ? 1 : 0);
      expect(problem.body.at(-1), 'a terminal stands at the start of a line again').toBe('\n');
      expect(JSON.parse(problem.body)).toEqual({
        type: `https://flint.dev/errors/${code}`,
        title: expect.any(String) as string,
        status: statuses[code],
        detail: 'what happened',
        code,
        function: 'shop/hello',
        requestId: 'id',
      });
    });
  }

  it('asks for whole seconds of patience', () => {
    const { headers } = makeProblem(new AppError('QueueFull', '', { retryAfterSeconds: 1.2 }));
    expect(valuesOf(headers, 'retry-after')).toEqual(['2']);
  });

  it('says nothing of what nobody expected, and keeps it as the cause', () => {
    const cause = new TypeError('x is not a function');
    const error = toAppError(cause);
    expect(error).toMatchObject({ code: 'InternalError', cause });
    expect(makeProblem(error).body).not.toContain('x is not a function');
  });
});
