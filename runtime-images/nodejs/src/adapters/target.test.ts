import { expect, it } from 'vitest';
import { parseQuery, splitTarget } from './target.ts';

it.each([
  { url: '/', want: { path: '/', search: '' } },
  { url: '/a%2Fb//c?x=1?y', want: { path: '/a%2Fb//c', search: 'x=1?y' } },
  { url: '/?', want: { path: '/', search: '' } },
  { url: 'http://host:1/a?b', want: { path: '/a', search: 'b' } },
  { url: 'HTTPS://host?b', want: { path: '/', search: 'b' } },
  { url: '*', want: { path: '*', search: '' } },
])('$url is in parts $want', ({ url, want }) => {
  expect(splitTarget(url)).toEqual(want);
});

it('a query is read flat, a repeated name as a list', () => {
  expect(parseQuery('a=1&a=2&b[c]=3&d&e=%20+')).toEqual({ a: ['1', '2'], 'b[c]': '3', d: '', e: '  ' });
});
