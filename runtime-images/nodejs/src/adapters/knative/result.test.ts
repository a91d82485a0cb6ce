import { describe, expect, it } from 'vitest';
import { answerOf } from './result.ts';

/** Without what every answer has. */
function essence(result: unknown): unknown {
  const { status, headers, body } = answerOf(result);
  return { status, headers: headers.filter(([name]) => !name.startsWith('access-control-')), body };
}

const text = ['content-type', 'text/plain; charset=utf-8'];
const json = ['content-type', 'application/json; charset=utf-8'];
const bytes = ['content-type', 'application/octet-stream'];
const event = { specversion: '1.0', id: '1', source: '/s', type: 't' };
const eventHeaders = [
  ['ce-specversion', '1.0'],
  ['ce-id', '1'],
  ['ce-source', '/s'],
  ['ce-type', 't'],
];

describe('answerOf', () => {
  const cases: { name: string; result: unknown; want: unknown }[] = [
    { name: 'nothing', result: undefined, want: { status: 204, headers: [], body: '' } },
    { name: 'an empty text', result: '', want: { status: 204, headers: [], body: '' } },
    { name: 'a text', result: 'x', want: { status: 200, headers: [text], body: 'x' } },
    { name: 'an object', result: { a: 1 }, want: { status: 200, headers: [json], body: '{"a":1}' } },
    { name: 'a list', result: [1], want: { status: 200, headers: [json], body: '[1]' } },
    { name: 'a number', result: 7, want: { status: 200, headers: [json], body: '7' } },
    { name: 'bytes', result: Buffer.from('x'), want: { status: 200, headers: [bytes], body: Buffer.from('x') } },
    {
      name: 'a body that is an object',
      result: { body: { a: 1 } },
      want: { status: 200, headers: [json], body: '{"a":1}' },
    },
    { name: 'a status alone', result: { statusCode: 404 }, want: { status: 404, headers: [text], body: '' } },
    {
      name: 'a type of its own',
      result: { headers: { 'Content-Type': 'text/html' }, body: '<p>' },
      want: { status: 200, headers: [['Content-Type', 'text/html']], body: '<p>' },
    },
    {
      name: 'an event',
      result: { ...event, data: { a: 1 } },
      want: { status: 200, headers: [...eventHeaders, json], body: '{"a":1}' },
    },
    {
      name: 'an event with a type of its data, and methods as the SDK’s have',
      result: { ...event, datacontenttype: 'text/csv', data: 'a,b', toString: () => '' },
      want: { status: 200, headers: [...eventHeaders, ['content-type', 'text/csv']], body: 'a,b' },
    },
  ];
  it.each(cases)('of $name', ({ result, want }) => {
    expect(essence(result)).toEqual(want);
  });

  it('is open to pages of every origin, unless it says otherwise', () => {
    expect(answerOf('x').headers).toContainEqual(['access-control-allow-origin', '*']);
    const { headers } = answerOf({ headers: { 'Access-Control-Allow-Origin': 'https://a.example' }, body: 'x' });
    expect(headers.filter(([name]) => /^access-control-allow-origin$/iu.test(name))).toEqual([
      ['Access-Control-Allow-Origin', 'https://a.example'],
    ]);
  });
});
