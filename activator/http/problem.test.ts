import { describe, expect, it } from 'vitest';
import { AppError, type ErrorCode } from '../errors.ts';
import { makeProblem, statusOf } from './problem.ts';

const context = { functionKey: 'shop/hello', requestId: 'id-1' };

describe('an answer of the platform itself', () => {
  const cases: { code: ErrorCode; status: number; retryAfter: boolean }[] = [
    { code: 'FunctionNotFound', status: 404, retryAfter: false },
    { code: 'BadRequest', status: 400, retryAfter: false },
    { code: 'HeadersTooLarge', status: 431, retryAfter: false },
    { code: 'BodyTooLarge', status: 413, retryAfter: false },
    { code: 'QueueFull', status: 429, retryAfter: true },
    { code: 'QueueTimeout', status: 504, retryAfter: true },
    { code: 'ColdStartFailed', status: 503, retryAfter: true },
    { code: 'Overloaded', status: 503, retryAfter: true },
    { code: 'ShuttingDown', status: 503, retryAfter: true },
    { code: 'UpstreamFailed', status: 502, retryAfter: false },
    { code: 'InternalError', status: 500, retryAfter: false },
    { code: 'RequestTimeout', status: 504, retryAfter: false },
    { code: 'FirstByteTimeout', status: 504, retryAfter: false },
  ];
  for (const { code, status, retryAfter } of cases) {
    it(`${code} is ${status}${retryAfter ? ' with Retry-After' : ''}`, () => {
      const problem = makeProblem(new AppError(code, 'why'), context);
      expect(problem.status).toBe(status);
      expect(problem.headers).toMatchObject({ 'flint-error': code, 'content-type': 'application/problem+json' });
      expect('retry-after' in problem.headers).toBe(retryAfter);
      expect(JSON.parse(problem.body)).toMatchObject({
        status,
        code,
        detail: 'why',
        function: 'shop/hello',
        requestId: 'id-1',
        type: expect.stringContaining(code) as string,
      });
    });
  }

  it('covers every code', () => {
    expect(cases.map(({ code }) => code).sort()).toEqual(Object.keys(statusOf).sort());
  });

  it('says when to come back as the failure wants it', () => {
    const problem = makeProblem(new AppError('QueueFull', 'why', { retryAfterSeconds: 7 }), context);
    expect(problem.headers['retry-after']).toBe('7');
  });

  it('ends the connection where the next request could not be told from the rest of this one', () => {
    expect(makeProblem(new AppError('BadRequest', 'why'), context).headers['connection']).toBe('close');
  });
});
