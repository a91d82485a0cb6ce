import { describe, expect, it } from 'vitest';
import { AppError } from '../errors.ts';
import { parseTarget } from './target.ts';

describe('the target of a request', () => {
  const cases = [
    { url: '/a?b', host: 'hello.shop', want: { host: 'hello.shop', path: '/a?b' } },
    { url: '/', host: 'hello.shop:8080', want: { host: 'hello.shop:8080', path: '/' } },
    { url: '*', host: 'hello.shop', want: { host: 'hello.shop', path: '*' } },
    { url: 'http://other.shop/a', host: 'hello.shop', want: { host: 'other.shop', path: '/a' } },
    { url: 'HTTP://other.shop', host: 'hello.shop', want: { host: 'other.shop', path: '/' } },
    { url: 'http://other.shop?a', host: 'hello.shop', want: { host: 'other.shop', path: '/?a' } },
    { url: '//other.shop/a', host: 'hello.shop', want: { host: 'hello.shop', path: '//other.shop/a' } },
    { url: '/', host: '[::1]:80', want: { host: '[::1]:80', path: '/' } },
  ];
  for (const { url, host, want } of cases) {
    it(`is ${want.path} at ${want.host} for ${url} with Host ${host}`, () => {
      expect(parseTarget(url, ['Host', host])).toEqual(want);
    });
  }

  const refused = [
    { name: 'no Host', url: '/', headers: [] },
    { name: 'two Hosts', url: '/', headers: ['Host', 'a.b', 'host', 'a.b'] },
    { name: 'an empty Host', url: '/', headers: ['Host', ''] },
    { name: 'a Host with a path', url: '/', headers: ['Host', 'a.b/c'] },
    { name: 'a Host with a user', url: '/', headers: ['Host', 'me@a.b'] },
    { name: 'a user in the URL', url: 'http://me@a.b/', headers: ['Host', 'a.b'] },
    { name: 'another scheme', url: 'ftp://a.b/', headers: ['Host', 'a.b'] },
    { name: 'no path', url: 'a.b', headers: ['Host', 'a.b'] },
  ];
  for (const { name, url, headers } of refused) {
    it(`is refused with ${name}`, () => {
      expect(() => parseTarget(url, headers)).toThrow(AppError);
    });
  }
});
