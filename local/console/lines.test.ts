import { describe, expect, it } from 'vitest';
import { renderReady, renderRequest, renderScale, tryParseAccess } from './lines.ts';

const time = new Date(2026, 0, 2, 15, 4, 5, 67).toISOString();
const request = {
  time,
  method: 'GET',
  host: 'hello.default.localhost',
  path: '/?name=you',
  status: 200,
  durationMs: 3.14159,
};

describe('a line of the terminal', () => {
  const cases = [
    {
      name: 'of a warm request',
      got: renderRequest(request),
      want: '15:04:05.067  GET    hello.default.localhost/?name=you  200  3.1 ms',
    },
    {
      name: 'of a cold request names the phases',
      got: renderRequest({ ...request, durationMs: 71.2, phases: { queue: 0.4, start: 48.6 } }),
      want: '15:04:05.067  GET    hello.default.localhost/?name=you  200  71 ms  cold: queue 0, start 49',
    },
    {
      name: 'of an answer of the platform names its code',
      got: renderRequest({ ...request, method: 'DELETE', status: 429, code: 'QueueFull', durationMs: 0 }),
      want: '15:04:05.067  DELETE  hello.default.localhost/?name=you  429 QueueFull  0.0 ms',
    },
    {
      name: 'of a scale change',
      got: renderScale({
        time,
        namespace: 'shop',
        functionName: 'hello',
        revision: 'hello-0123456789',
        from: 0,
        to: 2,
      }),
      want: '15:04:05.067  scale  shop/hello  0 → 2  (hello-0123456789)',
    },
    {
      name: 'of a function that is ready',
      got: renderReady({ time, namespace: 'shop', functionName: 'hello', ready: true, reason: 'Ready', message: '' }),
      want: '15:04:05.067  ready  shop/hello',
    },
    {
      name: 'of a function that is not ready says why',
      got: renderReady({
        time,
        namespace: 'shop',
        functionName: 'hello',
        ready: false,
        reason: 'CodeDidNotLoad',
        message: 'no',
      }),
      want: '15:04:05.067  not ready  shop/hello  CodeDidNotLoad: no',
    },
  ];
  for (const { name, got, want } of cases) {
    it(name, () => {
      expect(got).toBe(want);
    });
  }
});

describe('an access record', () => {
  it('is read from the line that says so', () => {
    expect(tryParseAccess(JSON.stringify({ ...request, msg: 'request' }))).toMatchObject(request);
  });

  for (const line of ['', 'plain text', '{"msg":"scaling up"}', '{broken', '{"msg":"request"']) {
    it(`is not seen in ${JSON.stringify(line)}`, () => {
      expect(tryParseAccess(line)).toBeUndefined();
    });
  }
});
