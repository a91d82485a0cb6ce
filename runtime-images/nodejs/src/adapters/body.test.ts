import { describe, expect, it } from 'vitest';
import { mediaType, parseBody } from './body.ts';

describe('parseBody', () => {
  const cases: { type: string | undefined; text: string; want: unknown }[] = [
    { type: 'application/json', text: '{"a":[1]}', want: { a: [1] } },
    { type: 'application/vnd.api+json; charset=utf-8', text: '"x"', want: 'x' },
    { type: 'TEXT/Plain', text: 'grüße', want: 'grüße' },
    { type: 'application/x-www-form-urlencoded', text: 'a=1&a=2&b=%C3%BC+', want: { a: ['1', '2'], b: 'ü ' } },
    { type: 'application/octet-stream', text: 'x', want: Buffer.from('x') },
    { type: undefined, text: '{}', want: Buffer.from('{}') },
  ];
  it.each(cases)('takes $text of type $type for $want', ({ type, text, want }) => {
    expect(parseBody(Buffer.from(text), type)).toEqual(want);
  });

  it('refuses what is no JSON although it says so', () => {
    expect(() => parseBody(Buffer.from('{'), 'application/json')).toThrow(/^the body is no JSON: /u);
  });

  it('makes no prototype of a form', () => {
    const parsed = parseBody(Buffer.from('__proto__=1'), 'application/x-www-form-urlencoded');
    expect(Object.getPrototypeOf(parsed)).toBe(Object.prototype);
  });
});

it('a media type is told without its parameters', () => {
  expect([mediaType('Text/HTML ; a=b'), mediaType(undefined), mediaType('')]).toEqual(['text/html', '', '']);
});
