import { type ComponentConfig, readComponentConfig } from '../lib/component-config.ts';
import { ConfigReader, type Environment } from '../lib/config.ts';
import type { ProxyServerOptions } from './http/server.ts';
import type { QueueBounds } from './queue/queue-bounds.ts';
import type { HostNameOptions } from './routing/host-names.ts';

export interface Config extends ComponentConfig {
  /** `FLINT_ACCESS_LOG`, default false: one line a request, at level info. */
  readonly accessLog: boolean;
  /** `FLINT_DOMAINS`, a list, default none: functions have no hosts outside the cluster; `FLINT_CLUSTER_DOMAIN`, default cluster.local. */
  readonly hosts: HostNameOptions;
  /**
   * `FLINT_LISTEN_HOST`, default all addresses; `FLINT_LISTEN_PORT`, default 8080, 0 takes a free one.
   * `FLINT_MAX_CONNECTIONS`, default 20000: more are closed unread.
   * `FLINT_MAX_HEADER_BYTES`, default 32768: larger heads get HeadersTooLarge.
   * `FLINT_HEADER_TIMEOUT`, default 30s, 0s is none; `FLINT_KEEP_ALIVE`, default 75s, 0s is forever: longer than the 60 s of
   * usual load balancers, so that it is they who close.
   * `FLINT_LAME_DUCK`, default 5s: new connections are taken for so long after SIGTERM, 0s is not at all.
   * `FLINT_DRAIN_TIMEOUT`, default 30s: what runs may take so long to end, 0s cuts it off.
   */
  readonly server: ProxyServerOptions;
  readonly limits: LimitsConfig;
  readonly upstream: UpstreamConfig;
  /** `FLINT_MAX_SCALE_WRITES`, default 16: under way at once. */
  readonly maxScaleWrites: number;
}

/** What this process takes on; beyond it requests are answered Overloaded, long before its memory is at risk. */
interface LimitsConfig {
  /** `FLINT_MAX_IN_FLIGHT`, default 10000: requests waiting or running. */
  readonly maxInFlight: number;
  /** `FLINT_MAX_BODY_BYTES`, default 0: bodies of requests have no limit, they are never kept. */
  readonly maxBodyBytes: number;
  /** `FLINT_MAX_BUFFERED_BYTES`, default 268435456: of bodies whose receiver does not take them; see `http/standing-flows.ts`. */
  readonly maxBufferedBytes: number;
  /** `FLINT_MAX_WAITING`, default 10000 requests; `FLINT_MAX_WAITING_BYTES`, default 268435456. Of all functions together. */
  readonly queue: QueueBounds;
}

interface UpstreamConfig {
  /** `FLINT_CONNECT_TIMEOUT`, default 2s: time for a lost SYN to be sent again. */
  readonly connectMs: number;
  /** `FLINT_UPSTREAM_KEEP_ALIVE`, default 4s, 0s is forever: shorter than the 5 s after which common servers hang up. */
  readonly keepAliveMs: number;
  /** `FLINT_MAX_ATTEMPTS`, default 3: replicas that one request is offered to. */
  readonly maxAttempts: number;
}

const most = Number.MAX_SAFE_INTEGER;

/** @throws ConfigError naming every mistake */
export function loadConfig(env: Environment): Config {
  const reader = new ConfigReader(env);
  const config: Config = {
    ...readComponentConfig(reader),
    accessLog: reader.boolean('FLINT_ACCESS_LOG', false),
    hosts: {
      domains: reader.list('FLINT_DOMAINS', []),
      clusterDomain: reader.string('FLINT_CLUSTER_DOMAIN', 'cluster.local'),
    },
    server: readServer(reader),
    limits: {
      maxInFlight: reader.integer('FLINT_MAX_IN_FLIGHT', 10_000, { min: 1, max: most }),
      maxBodyBytes: reader.integer('FLINT_MAX_BODY_BYTES', 0, { min: 0, max: most }),
      maxBufferedBytes: reader.integer('FLINT_MAX_BUFFERED_BYTES', 268_435_456, { min: 1024, max: most }),
      queue: {
        maxRequests: reader.integer('FLINT_MAX_WAITING', 10_000, { min: 1, max: most }),
        maxBytes: reader.integer('FLINT_MAX_WAITING_BYTES', 268_435_456, { min: 1024, max: most }),
      },
    },
    upstream: {
      connectMs: reader.durationMs('FLINT_CONNECT_TIMEOUT', 2000),
      keepAliveMs: reader.durationMs('FLINT_UPSTREAM_KEEP_ALIVE', 4000),
      maxAttempts: reader.integer('FLINT_MAX_ATTEMPTS', 3, { min: 1, max: 100 }),
    },
    maxScaleWrites: reader.integer('FLINT_MAX_SCALE_WRITES', 16, { min: 1, max: 1000 }),
  };
  reader.finish();
  return config;
}

function readServer(reader: ConfigReader): ProxyServerOptions {
  return {
    listen: {
      host: reader.string('FLINT_LISTEN_HOST', '::'),
      port: reader.port('FLINT_LISTEN_PORT', 8080),
    },
    maxConnections: reader.integer('FLINT_MAX_CONNECTIONS', 20_000, { min: 1, max: most }),
    maxHeaderBytes: reader.integer('FLINT_MAX_HEADER_BYTES', 32_768, { min: 1024, max: 1_048_576 }),
    headerMs: reader.durationMs('FLINT_HEADER_TIMEOUT', 30_000),
    keepAliveMs: reader.durationMs('FLINT_KEEP_ALIVE', 75_000),
    drain: {
      lameDuckMs: reader.durationMs('FLINT_LAME_DUCK', 5000),
      drainMs: reader.durationMs('FLINT_DRAIN_TIMEOUT', 30_000),
    },
  };
}
