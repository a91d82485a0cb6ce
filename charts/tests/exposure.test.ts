import { expect, it } from 'vitest';
import { find, render, type Values } from './chart.ts';

const exposed: Values = {
  domains: ['fn.test', 'other.test'],
  ingress: { enabled: true, namespaces: ['shop', 'blog'], tlsSecretName: 'wildcard' },
  httpRoute: { enabled: true, parentRefs: [{ name: 'public', namespace: 'gateways' }] },
};

interface Exposure {
  readonly spec: {
    readonly rules: readonly { readonly host: string }[];
    readonly tls: readonly { readonly hosts: readonly string[] }[];
    readonly hostnames: readonly string[];
  };
}

/** `*` is one label in the Ingress API and one or more in the Gateway API. */
function matches(pattern: string, host: string, labels: string): boolean {
  return new RegExp(`^${pattern.replaceAll('.', '\\.').replace('*', labels)}$`, 'u').test(host);
}

it('a function’s host is routed by the Ingress and by the HTTPRoute, each by the rule of its API', async () => {
  const objects = await render(exposed);
  const ingress = (find(objects, 'Ingress', 'flint-activator') as unknown as Exposure).spec;
  const route = (find(objects, 'HTTPRoute', 'flint-activator') as unknown as Exposure).spec;
  const hosts = ingress.rules.map(({ host }) => host);
  expect(ingress.tls.flatMap((tls) => tls.hosts)).toEqual(hosts);
  for (const host of ['hello.shop.fn.test', 'hello.blog.other.test']) {
    expect(hosts.filter((pattern) => matches(pattern, host, '[^.]+'))).toHaveLength(1);
    expect(route.hostnames.filter((pattern) => matches(pattern, host, '.+'))).toHaveLength(1);
  }
  expect(hosts.filter((pattern) => matches(pattern, 'hello.private.fn.test', '[^.]+'))).toEqual([]);
});

it('an Ingress serves the namespaces that the release serves', async () => {
  const objects = await render({
    scope: 'namespaced',
    namespaces: ['shop', '42'],
    domains: ['a.test'],
    ingress: { enabled: true },
  });
  const { rules } = (find(objects, 'Ingress', 'flint-activator') as unknown as Exposure).spec;
  expect(rules.map(({ host }) => host)).toEqual(['*.shop.a.test', '*.42.a.test']);
  // YAML takes a bare 42 for a number.
  const roles = objects.filter(({ kind, metadata }) => kind === 'Role' && metadata.name === 'flint-activator');
  expect(roles.map(({ metadata }) => metadata.namespace)).toEqual(['shop', '42']);
});
