import { dump } from 'js-yaml';

/**
 * A kubeconfig for kubectl, Helm and any client: one cluster, one user, one context named `flint`. The token is part of
 * the URL, since kubectl sends tokens over TLS only.
 */
export function makeKubeconfig(cluster: { readonly url: string }): string {
  return dump({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'flint',
    // The official clients refuse plain HTTP, on loopback too, unless told that nobody expects TLS.
    clusters: [{ name: 'flint', cluster: { server: cluster.url, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'flint', user: {} }],
    contexts: [{ name: 'flint', context: { cluster: 'flint', user: 'flint', namespace: 'default' } }],
  });
}
