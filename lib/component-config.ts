import type { ConfigReader } from './config.ts';
import { type ConnectionSource, readConnectionSource } from './kube/connection.ts';
import type { LogLevel } from './log.ts';

/** What every component is told. */
export interface ComponentConfig {
  readonly kube: ConnectionSource;
  /** `FLINT_NAMESPACES`, a list; default none, which means every namespace; one that is there twice counts once. */
  readonly namespaces: readonly string[];
  /** `FLINT_LOG_LEVEL`, default info. */
  readonly logLevel: LogLevel;
  /** `FLINT_ADMIN_HOST`, default all addresses; `FLINT_ADMIN_PORT`, default 9090, 0 takes a free one. */
  readonly admin: { readonly host: string; readonly port: number };
}

export function readComponentConfig(reader: ConfigReader): ComponentConfig {
  return {
    kube: readConnectionSource(reader),
    namespaces: [...new Set(reader.list('FLINT_NAMESPACES', []))],
    logLevel: reader.choice('FLINT_LOG_LEVEL', ['debug', 'info', 'warn', 'error', 'silent'], 'info'),
    admin: { host: reader.string('FLINT_ADMIN_HOST', '::'), port: reader.port('FLINT_ADMIN_PORT', 9090) },
  };
}
