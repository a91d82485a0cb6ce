import { expect, it } from 'vitest';
import { serializeCookie } from './cookie.ts';
import type { CookieOptions } from './cookie.ts';

const now = Date.UTC(2026, 0, 2, 3, 4, 5);

const cases: { value: unknown; options: CookieOptions; want: string }[] = [
  { value: 'a b', options: {}, want: 'n=a%20b; Path=/' },
  { value: { a: 1 }, options: { path: '/x' }, want: 'n=j%3A%7B%22a%22%3A1%7D; Path=/x' },
  {
    value: 1,
    options: { encode: (text) => `<${text}>`, domain: 'a.example' },
    want: 'n=<1>; Domain=a.example; Path=/',
  },
  {
    value: 'v',
    options: { maxAge: 61_500, expires: new Date(0) },
    want: 'n=v; Path=/; Max-Age=61; Expires=Fri, 02 Jan 2026 03:05:06 GMT',
  },
  { value: 'v', options: { expires: new Date(1) }, want: 'n=v; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT' },
  {
    value: 'v',
    options: { httpOnly: true, secure: true, sameSite: 'none' },
    want: 'n=v; Path=/; HttpOnly; Secure; SameSite=None',
  },
  { value: 'v', options: { sameSite: true }, want: 'n=v; Path=/; SameSite=Strict' },
  { value: 'v', options: { sameSite: false, httpOnly: false, secure: false }, want: 'n=v; Path=/' },
];

it.each(cases)('$value with $options is $want', ({ value, options, want }) => {
  expect(serializeCookie('n', value, { options, now })).toBe(want);
});
