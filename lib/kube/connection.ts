import type { ConfigReader } from '../config.ts';

/** How to reach an API server, as plain data. */
export interface Connection {
  /** `https://10.0.0.1:443`. */
  readonly url: string;
  /** The name that the server's certificate must have, where it is not the host of `url`: `tls-server-name` of a kubeconfig. */
  readonly serverName?: string;
  /** PEM; absent means the system's roots. */
  readonly ca?: string;
  /** Re-read while running: projected tokens rotate. */
  readonly tokenFile?: string;
  readonly token?: string;
  /** Client certificate and key, PEM. */
  readonly certificate?: { readonly cert: string; readonly key: string };
}

/** Which of the three ways in the environment describes. */
export type ConnectionSource =
  | { readonly kind: 'direct'; readonly url: string; readonly tokenFile?: string; readonly caFile?: string }
  | { readonly kind: 'in-cluster'; readonly url: string; readonly folder: string }
  | { readonly kind: 'kubeconfig'; readonly file?: string; readonly context?: string };

/** Where every client of Kubernetes looks for its token. */
export const serviceAccountFolder = '/var/run/secrets/kubernetes.io/serviceaccount';

/**
 * `FLINT_KUBE_URL` (with `FLINT_KUBE_TOKEN_FILE`, `FLINT_KUBE_CA_FILE`) if set; else the Pod's service account; else the
 * kubeconfig that kubectl would use (`KUBECONFIG`, or its usual place), context `FLINT_KUBE_CONTEXT` or the current one.
 */
export function readConnectionSource(reader: ConfigReader): ConnectionSource {
  const url = reader.optional('FLINT_KUBE_URL');
  if (url !== undefined) {
    const tokenFile = reader.optional('FLINT_KUBE_TOKEN_FILE');
    const caFile = reader.optional('FLINT_KUBE_CA_FILE');
    return {
      kind: 'direct',
      url,
      ...(tokenFile === undefined ? {} : { tokenFile }),
      ...(caFile === undefined ? {} : { caFile }),
    };
  }
  const host = reader.optional('KUBERNETES_SERVICE_HOST');
  if (host !== undefined) {
    const port = reader.string('KUBERNETES_SERVICE_PORT', '443');
    const literal = host.includes(':') ? `[${host}]` : host;
    return { kind: 'in-cluster', url: `https://${literal}:${port}`, folder: serviceAccountFolder };
  }
  const file = reader.optional('KUBECONFIG');
  const context = reader.optional('FLINT_KUBE_CONTEXT');
  return { kind: 'kubeconfig', ...(file === undefined ? {} : { file }), ...(context === undefined ? {} : { context }) };
}
