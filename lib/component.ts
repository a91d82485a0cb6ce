import { type Clock, type Random, systemClock, systemRandom } from './clock.ts';
import type { ComponentConfig } from './component-config.ts';
import type { Environment } from './config.ts';
import { ConfigError, errorStack, exitUsage } from './errors.ts';
import { openConnection } from './kube/connect.ts';
import { createClient, type HttpClient } from './kube/http-client.ts';
import type { Runnable } from './lifecycle.ts';
import { createLogger, type Logger } from './log.ts';
import { Metrics } from './metrics.ts';

interface ComponentDeps<C extends ComponentConfig> {
  readonly config: C;
  readonly client: HttpClient;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly metrics: Metrics;
}

/** A program of Flint: a name, its settings, and what it is made of. */
export interface Component<C extends ComponentConfig> {
  /** Of its log lines as `component`; its user agent is `flint-NAME`. */
  readonly name: string;
  readonly loadConfig: (env: Environment) => C;
  readonly make: (deps: ComponentDeps<C>) => Runnable;
}

/** The part of the process that a component is run in. */
export interface Host {
  readonly env: Environment;
  readonly stderr: { write(text: string): unknown };
  on(signal: 'SIGTERM' | 'SIGINT', handler: () => void): unknown;
  exit(code: number): void;
}

/** 0 after a stop, 64 (EX_USAGE) for a mistake in the settings, 1 for all else. */
const exitCodes = { stopped: 0, failed: 1, usage: exitUsage };

/** Runs until SIGTERM or SIGINT, then drains; a second signal ends it at once. */
export async function runComponent<C extends ComponentConfig>(component: Component<C>, host: Host): Promise<void> {
  try {
    await run(component, host);
    host.exit(exitCodes.stopped);
  } catch (error) {
    const isUsage = error instanceof ConfigError;
    host.stderr.write(`${isUsage ? error.message : errorStack(error)}\n`);
    host.exit(isUsage ? exitCodes.usage : exitCodes.failed);
  }
}

async function run<C extends ComponentConfig>({ name, loadConfig, make }: Component<C>, host: Host): Promise<void> {
  const config = loadConfig(host.env);
  const log = createLogger({ level: config.logLevel, component: name });
  const time = { clock: systemClock, random: systemRandom };
  const connection = await openConnection(config.kube);
  const client = createClient({ ...time, connection, userAgent: `flint-${name}` });
  const signal = stopSignal(host, log);
  log.info('starting');
  await make({ ...time, config, client, log, metrics: new Metrics() }).run(signal);
  await client.close();
}

function stopSignal(host: Host, log: Logger): AbortSignal {
  const stop = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    host.on(signal, () => {
      if (stop.signal.aborted) {
        log.warn('stopped at once', { signal });
        host.exit(exitCodes.failed);
      }
      log.info('stopping', { signal });
      stop.abort();
    });
  }
  return stop.signal;
}
