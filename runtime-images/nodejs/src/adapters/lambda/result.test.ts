import { describe, expect, it } from 'vitest';
import type { Answer } from '../answer.ts';
import { answerOf } from './result.ts';

describe('answerOf', () => {
  const json = [['content-type', 'application/json']] as const;
  const text = ['content-type', 'text/plain; charset=utf-8'] as const;
  const cases: { name: string; result: unknown; want: Answer }[] = [
    { name: 'an object', result: { a: 1 }, want: { status: 200, headers: json, body: '{"a":1}' } },
    { name: 'a text', result: 'Hello', want: { status: 200, headers: json, body: '"Hello"' } },
    { name: 'nothing', result: undefined, want: { status: 200, headers: json, body: 'null' } },
    { name: 'a status', result: { statusCode: 204 }, want: { status: 204, headers: [], body: '' } },
    {
      name: 'a status as text',
      result: { statusCode: '201', body: 'x' },
      want: { status: 201, headers: [text], body: 'x' },
    },
    {
      name: 'headers of any kind and cookies',
      result: { statusCode: 200, headers: { 'X-N': 1, 'X-B': true, 'X-U': undefined }, cookies: ['a=1'], body: null },
      want: {
        status: 200,
        headers: [
          ['X-N', '1'],
          ['X-B', 'true'],
          ['set-cookie', 'a=1'],
        ],
        body: '',
      },
    },
    {
      name: 'a type of its own, in any case',
      result: { statusCode: 200, headers: { 'CONTENT-TYPE': 'a/b' }, body: 'x' },
      want: { status: 200, headers: [['CONTENT-TYPE', 'a/b']], body: 'x' },
    },
    {
      name: 'base64',
      result: { statusCode: 200, headers: { 'content-type': 'a/b' }, body: '/w==', isBase64Encoded: true },
      want: { status: 200, headers: [['content-type', 'a/b']], body: Buffer.from([0xff]) },
    },
    {
      name: 'a body that should have been its JSON',
      result: { statusCode: 200, body: { a: 1 } },
      want: { status: 200, headers: [text], body: '{"a":1}' },
    },
  ];
  it.each(cases)('of $name', ({ result, want }) => {
    expect(answerOf(result)).toEqual(want);
  });

  it.each(['ok', 99, 200.5, 600])('refuses the status code %j', (statusCode) => {
    expect(() => answerOf({ statusCode })).toThrow(`the handler's statusCode is ${statusCode}`);
  });
});
