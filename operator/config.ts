import { fieldManagers } from '../lib/api/names.ts';
import { type ComponentConfig, readComponentConfig } from '../lib/component-config.ts';
import { ConfigReader, type Environment } from '../lib/config.ts';

export interface Config extends ComponentConfig {
  /** `FLINT_LEADER_ELECTION`, default true. With false this must be the only operator. */
  readonly leaderElection: boolean;
  /** `FLINT_NAMESPACE`, default flint-system: where the lease is. */
  readonly namespace: string;
  /** `HOSTNAME`, in a Pod the Pod's name, default flint-operator: who holds the lease and who reports events. */
  readonly instance: string;
  readonly urls: UrlConfig;
  /** `FLINT_RUNTIMES_FILE`, default none: a JSON list of Runtimes to apply, since a chart cannot hold them beside their CRD. */
  readonly runtimesFile: string | undefined;
  /** `FLINT_ACTIVATOR_SERVICE`, default activator.flint-system.svc.cluster.local: what functions' Services point to. */
  readonly activatorService: string;
  /**
   * `FLINT_ALLOW_HOST_ACCESS`, default false: whether a function may use host namespaces, privileged containers and hostPath
   * volumes, so that whoever may write Functions has the nodes.
   */
  readonly allowHostAccess: boolean;
}

/** What the addresses in a Function's status are made of. */
export interface UrlConfig {
  /** `FLINT_DOMAINS`, default none: the first one is in `status.url`. Without any, `status.url` is the cluster address. */
  readonly domains: readonly string[];
  /** `FLINT_CLUSTER_DOMAIN`, default cluster.local. */
  readonly clusterDomain: string;
  /** `FLINT_URL_SCHEME`, default http. */
  readonly scheme: 'http' | 'https';
  /** `FLINT_URL_PORT`, default 0: the scheme's own, left out of URLs. */
  readonly port: number;
}

/** @throws ConfigError naming every mistake */
export function loadConfig(env: Environment): Config {
  const reader = new ConfigReader(env);
  const config: Config = {
    ...readComponentConfig(reader),
    leaderElection: reader.boolean('FLINT_LEADER_ELECTION', true),
    namespace: reader.string('FLINT_NAMESPACE', 'flint-system'),
    instance: reader.string('HOSTNAME', fieldManagers.operator),
    urls: {
      domains: reader.list('FLINT_DOMAINS', []),
      clusterDomain: reader.string('FLINT_CLUSTER_DOMAIN', 'cluster.local'),
      scheme: reader.choice('FLINT_URL_SCHEME', ['http', 'https'], 'http'),
      port: reader.port('FLINT_URL_PORT', 0),
    },
    runtimesFile: reader.optional('FLINT_RUNTIMES_FILE'),
    activatorService: reader.string('FLINT_ACTIVATOR_SERVICE', 'activator.flint-system.svc.cluster.local'),
    allowHostAccess: reader.boolean('FLINT_ALLOW_HOST_ACCESS', false),
  };
  reader.finish();
  return config;
}
