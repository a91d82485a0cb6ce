import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { makeEvent } from './event.ts';
import type { LambdaEvent } from './event.ts';

interface Request {
  readonly url?: string;
  readonly method?: string;
  /** Name, value, name, value … */
  readonly headers?: readonly string[];
  readonly body?: Buffer;
}

function eventOf({ url = '/', method = 'GET', headers = [], body = Buffer.alloc(0) }: Request): LambdaEvent {
  const request = new IncomingMessage(new Socket());
  Object.assign(request, { url, method, httpVersion: '1.1', rawHeaders: headers });
  // As the parser adds them.
  const parsed = request as unknown as { _addHeaderLines(lines: readonly string[], count: number): void };
  parsed._addHeaderLines(headers, headers.length);
  return makeEvent(request, { body, requestId: 'id-1', now: Date.UTC(2026, 0, 2, 3, 4, 5, 678) });
}

it('an event is one of payload format 2.0', () => {
  const event = eventOf({
    url: '/my/path?parameter1=value1&parameter1=value2&parameter2=a%20b',
    method: 'POST',
    headers: [
      'Host', 'shop.example.com', 'Cookie', 'a=1; b=2', 'Header1', 'value1', 'header1', 'value2', 'User-Agent', 'agent',
      'X-Forwarded-For', '203.0.113.7, 10.0.0.1', 'Content-Type', 'text/plain',
    ],
    body: Buffer.from('Hello from Lambda'),
  }); // prettier-ignore
  expect(event).toEqual({
    version: '2.0',
    routeKey: '$default',
    rawPath: '/my/path',
    rawQueryString: 'parameter1=value1&parameter1=value2&parameter2=a%20b',
    cookies: ['a=1', 'b=2'],
    headers: {
      host: 'shop.example.com',
      header1: 'value1,value2',
      'user-agent': 'agent',
      'x-forwarded-for': '203.0.113.7, 10.0.0.1',
      'content-type': 'text/plain',
    },
    queryStringParameters: { parameter1: 'value1,value2', parameter2: 'a b' },
    requestContext: {
      accountId: 'anonymous',
      apiId: 'shop',
      domainName: 'shop.example.com',
      domainPrefix: 'shop',
      http: {
        method: 'POST',
        path: '/my/path',
        protocol: 'HTTP/1.1',
        sourceIp: '203.0.113.7',
        userAgent: 'agent',
      },
      requestId: 'id-1',
      routeKey: '$default',
      stage: '$default',
      time: '02/Jan/2026:03:04:05 +0000',
      timeEpoch: 1_767_323_045_678,
    },
    body: 'Hello from Lambda',
    isBase64Encoded: false,
  });
});

it('what a request does not have, an event has not either', () => {
  const event = eventOf({});
  expect(Object.keys(event)).toEqual(
    ['version', 'routeKey', 'rawPath', 'rawQueryString', 'headers', 'requestContext', 'isBase64Encoded'], // prettier-ignore
  );
});

describe('a body', () => {
  const utf8 = Buffer.from('ü');
  const cases: { type: string; body: Buffer; isText: boolean }[] = [
    { type: 'application/json', body: utf8, isText: true },
    { type: 'application/problem+json; charset=utf-8', body: utf8, isText: true },
    { type: 'image/svg+xml', body: utf8, isText: true },
    { type: 'application/javascript', body: utf8, isText: true },
    { type: 'text/plain', body: Buffer.from([0xff]), isText: false },
    { type: 'application/x-www-form-urlencoded', body: utf8, isText: false },
    { type: 'application/octet-stream', body: utf8, isText: false },
  ];
  it.each(cases)('of $type comes as text: $isText', ({ type, body, isText }) => {
    const event = eventOf({ headers: ['content-type', type], body });
    expect(event).toMatchObject({
      isBase64Encoded: !isText,
      body: body.toString(isText ? 'utf8' : 'base64'),
    });
  });

  it('without a type comes as base64', () => {
    expect(eventOf({ body: utf8 })).toMatchObject({ isBase64Encoded: true, body: 'w7w=' });
  });
});
