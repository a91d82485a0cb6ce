import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hostsOf, nearMisses, normaliseHost } from './hosts.ts';

const options = { domains: ['example.com', 'Localhost'], clusterDomain: 'cluster.local' };

describe('the hosts of a function', () => {
  it('are those inside the cluster and one for each domain', () => {
    expect(hostsOf({ namespace: 'shop', name: 'hello' }, options)).toEqual([
      'hello.shop',
      'hello.shop.svc',
      'hello.shop.svc.cluster.local',
      'hello.shop.example.com',
      'hello.shop.localhost',
    ]);
  });
});

describe('a Host header', () => {
  const cases = [
    { header: 'hello.shop', want: 'hello.shop' },
    { header: 'Hello.SHOP:8080', want: 'hello.shop' },
    { header: 'hello.shop.', want: 'hello.shop' },
    { header: 'hello.shop.:80', want: 'hello.shop' },
    { header: '[2001:db8::1]:80', want: '[2001:db8::1]' },
    { header: '', want: '' },
  ];
  for (const { header, want } of cases) {
    it(`'${header}' is looked up as '${want}'`, () => {
      expect(normaliseHost(header)).toBe(want);
    });
  }

  it('finds the same whatever its case and port', () => {
    fc.assert(
      fc.property(fc.domain(), fc.nat(65_535), (domain, port) => {
        expect(normaliseHost(`${domain.toUpperCase()}:${port}`)).toBe(normaliseHost(domain));
      }),
    );
  });
});

describe('near misses', () => {
  const known = ['hello.shop', 'hello.shop.example.com', 'help.shop', 'other.far'];
  const cases = [
    { host: 'hello', want: ['hello.shop', 'hello.shop.example.com'] },
    { host: 'helo.shop', want: ['help.shop', 'hello.shop'] },
    { host: 'hello.shop.exmaple.com', want: ['hello.shop.example.com'] },
    { host: 'nothing.like.it', want: [] },
  ];
  for (const { host, want } of cases) {
    it(`of ${host} are ${want.join(', ') || 'none'}`, () => {
      expect(nearMisses(host, known)).toEqual(want);
    });
  }

  it('are three at the most', () => {
    expect(nearMisses('a', ['a.b', 'a.c', 'a.d', 'a.e'])).toHaveLength(3);
  });
});
