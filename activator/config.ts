import { ConfigReader, type Environment } from '../lib/config.ts';
import { type ConnectionSource, readConnectionSource } from '../lib/kube/connection.ts';
import type { LogLevel } from '../lib/log.ts';
import type { ProxyServerOptions } from './http/server.ts';
import type { QueueBounds } from './queue/queue-bounds.ts';
import type { HostOptions } from './routing/hosts.ts';

export interface Config {
  readonly kube: ConnectionSource;
  /** `FLINT_LOG_LEVEL`, default info. */
  readonly logLevel: LogLevel;
  /** `FLINT_ACCESS_LOG`, default false: a line for each request. */
  readonly accessLog: boolean;
  /** `FLINT_ADMIN_HOST`, default all addresses; `FLINT_ADMIN_PORT`, default 9090, 0 takes a free one. */
  readonly admin: { readonly host: string; readonly port: number };
  /**
   * `FLINT_LISTEN_HOST`, default all addresses; `FLINT_LISTEN_PORT`, default 8080; `FLINT_MAX_CONNECTIONS`, default 20000;
   * `FLINT_MAX_HEADER_BYTES`, default 16384; `FLINT_LAME_DUCK`, default 5s, 0s stops listening at once;
   * `FLINT_DRAIN_TIMEOUT`, default 30s, 0s cuts off what runs.
   */
  readonly server: ProxyServerOptions;
  /** `FLINT_DOMAINS`, default none; `FLINT_CLUSTER_DOMAIN`, default cluster.local. */
  readonly hosts: HostOptions;
  /** `FLINT_MAX_IN_FLIGHT`, default 20000: requests waiting or running. */
  readonly maxInFlight: number;
  /** `FLINT_MAX_WAITING`, default 10000 requests; `FLINT_MAX_WAITING_BYTES`, default 268435456. */
  readonly queue: QueueBounds;
  /** `FLINT_MAX_SCALE_WRITES`, default 16: under way at once. */
  readonly maxScaleWrites: number;
}

const most = Number.MAX_SAFE_INTEGER;

/** @throws ConfigError naming every mistake */
export function loadConfig(env: Environment): Config {
  const reader = new ConfigReader(env);
  const config: Config = {
    kube: readConnectionSource(reader),
    logLevel: reader.choice('FLINT_LOG_LEVEL', ['debug', 'info', 'warn', 'error', 'silent'], 'info'),
    accessLog: reader.boolean('FLINT_ACCESS_LOG', false),
    admin: {
      host: reader.string('FLINT_ADMIN_HOST', '::'),
      port: reader.integer('FLINT_ADMIN_PORT', 9090, { min: 0, max: 65_535 }),
    },
    server: {
      host: reader.string('FLINT_LISTEN_HOST', '::'),
      port: reader.integer('FLINT_LISTEN_PORT', 8080, { min: 0, max: 65_535 }),
      maxConnections: reader.integer('FLINT_MAX_CONNECTIONS', 20_000, { min: 1, max: most }),
      maxHeaderBytes: reader.integer('FLINT_MAX_HEADER_BYTES', 16_384, { min: 1024, max: 1_048_576 }),
      lameDuckMs: reader.durationMs('FLINT_LAME_DUCK', 5000),
      drainMs: reader.durationMs('FLINT_DRAIN_TIMEOUT', 30_000),
    },
    hosts: {
      domains: reader.list('FLINT_DOMAINS', []),
      clusterDomain: reader.string('FLINT_CLUSTER_DOMAIN', 'cluster.local'),
    },
    maxInFlight: reader.integer('FLINT_MAX_IN_FLIGHT', 20_000, { min: 1, max: most }),
    queue: {
      maxRequests: reader.integer('FLINT_MAX_WAITING', 10_000, { min: 1, max: most }),
      maxBytes: reader.integer('FLINT_MAX_WAITING_BYTES', 268_435_456, { min: 1024, max: most }),
    },
    maxScaleWrites: reader.integer('FLINT_MAX_SCALE_WRITES', 16, { min: 1, max: 1000 }),
  };
  reader.finish();
  return config;
}
