import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HostNames, normalizeHost, tryParseHost } from './host-names.ts';

const names = new HostNames({ clusterDomain: 'Cluster.Local', domains: ['localhost', 'Fn.Example.com.'] });

/** `name.namespace`, or undefined where the host means no function. */
function shortOf(host: string): string | undefined {
  const parsed = tryParseHost(normalizeHost(host));
  return parsed !== undefined && names.isKnown(parsed) ? parsed.short : undefined;
}

describe('a host', () => {
  const cases = [
    { host: 'hello.shop', want: 'hello.shop' },
    { host: 'hello.shop.svc', want: 'hello.shop' },
    { host: 'hello.shop.svc.cluster.local', want: 'hello.shop' },
    { host: 'hello.shop.localhost', want: 'hello.shop' },
    { host: 'hello.shop.fn.example.com', want: 'hello.shop' },
    { host: 'HELLO.Shop.LocalHost:8080', want: 'hello.shop' },
    { host: 'hello.shop.', want: 'hello.shop' },
    { host: 'hello.shop.svc.cluster.local.:80', want: 'hello.shop' },
    { host: 'hello.svc', want: 'hello.svc' },
    { host: 'hello.shop:', want: 'hello.shop' },
    { host: 'hello.shop.cluster.local', want: undefined },
    { host: 'hello.shop.svc.other', want: undefined },
    { host: 'hello.shop.example.com', want: undefined },
    { host: 'a.hello.shop.localhost', want: undefined },
    { host: 'hello', want: undefined },
    { host: 'localhost:8080', want: undefined },
    { host: '', want: undefined },
    { host: '.', want: undefined },
    { host: '.shop', want: undefined },
    { host: 'hello..shop', want: undefined },
    { host: '[::1]:8080', want: undefined },
  ];
  for (const { host, want } of cases) {
    it(`'${host}' means ${want ?? 'no function'}`, () => {
      expect(shortOf(host)).toBe(want);
    });
  }

  const label = fc.stringMatching(/^[a-z]([a-z0-9-]{0,8}[a-z0-9])?$/u);
  it('of every form means the same function, with any port, case and final dot', () => {
    const suffix = fc.constantFrom('', '.svc', '.svc.cluster.local', '.localhost', '.fn.example.com');
    fc.assert(
      fc.property(label, label, suffix, fc.boolean(), fc.option(fc.nat(65_535)), (name, namespace, rest, dot, port) => {
        const host = `${name}.${namespace}${rest}${dot ? '.' : ''}${port === null ? '' : `:${port}`}`;
        expect(shortOf(host)).toBe(`${name}.${namespace}`);
        expect(shortOf(host.toUpperCase())).toBe(`${name}.${namespace}`);
      }),
    );
  });

  it('never makes the parser fail', () => {
    fc.assert(
      fc.property(fc.string(), (host) => {
        const short = shortOf(host);
        expect(short === undefined || /^[^.]+\.[^.]+$/u.test(short)).toBe(true);
      }),
    );
  });
});
