import { readFile } from 'node:fs/promises';
import type { Connection, ConnectionSource } from './connection.ts';

/** Reads the files that a connection needs. @throws Error naming the file or the kubeconfig entry that is missing. */
export async function openConnection(source: ConnectionSource): Promise<Connection> {
  switch (source.kind) {
    case 'direct':
      return {
        url: source.url,
        ...(source.tokenFile === undefined ? {} : { tokenFile: source.tokenFile }),
        ...(source.caFile === undefined ? {} : { ca: await readFile(source.caFile, 'utf8') }),
      };
    case 'in-cluster':
      return {
        url: source.url,
        tokenFile: `${source.folder}/token`,
        ca: await readFile(`${source.folder}/ca.crt`, 'utf8'),
      };
    case 'kubeconfig':
      return readKubeconfig(source);
  }
}

/** What is used of what the official client fills in. */
interface HttpsOptions {
  headers?: Record<string, string>;
  servername?: string;
  ca?: unknown;
  cert?: unknown;
  key?: unknown;
}

/** The official client does the reading: exec plugins, OIDC and embedded certificates are its trade. */
async function readKubeconfig(source: ConnectionSource & { kind: 'kubeconfig' }): Promise<Connection> {
  // Lazily: it costs 85 MB and 0.4 s, which no process in a cluster has to pay.
  const { KubeConfig } = await import('@kubernetes/client-node');
  const config = new KubeConfig();
  if (source.file === undefined) {
    config.loadFromDefault();
  } else {
    config.loadFromFile(source.file);
  }
  if (source.context !== undefined) {
    config.setCurrentContext(source.context);
  }
  const cluster = config.getCurrentCluster();
  if (cluster === null) {
    throw new Error(`the kubeconfig has no cluster for its context '${config.getCurrentContext()}'`);
  }
  const options: HttpsOptions = {};
  await config.applyToHTTPSOptions(options);
  const authorization = options.headers?.['Authorization'];
  return {
    url: cluster.server,
    ...(options.servername === undefined ? {} : { serverName: options.servername }),
    ...(options.ca === undefined ? {} : { ca: asText(options.ca) }),
    ...(authorization?.startsWith('Bearer ') === true ? { token: authorization.slice('Bearer '.length) } : {}),
    ...(options.cert === undefined ? {} : { certificate: { cert: asText(options.cert), key: asText(options.key) } }),
  };
}

function asText(pem: unknown): string {
  return Buffer.isBuffer(pem) ? pem.toString('utf8') : String(pem);
}
