import { systemClock, systemRandom } from '../lib/clock.ts';
import { ConfigError } from '../lib/errors.ts';
import { openConnection } from '../lib/kube/connect.ts';
import { createClient } from '../lib/kube/http-client.ts';
import { createLogger } from '../lib/log.ts';
import { Metrics } from '../lib/metrics.ts';
import { makeActivator } from './app.ts';
import { loadConfig } from './config.ts';

const exitUsage = 64;

try {
  const config = loadConfig(process.env);
  const log = createLogger({ level: config.logLevel, component: 'activator' });
  const clock = systemClock;
  const random = systemRandom;
  const client = createClient({
    connection: await openConnection(config.kube),
    clock,
    random,
    userAgent: 'flint-activator',
  });
  const stop = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (stop.signal.aborted) {
        log.warn('stopped at once', { signal });
        process.exit(1);
      }
      log.info('stopping', { signal });
      stop.abort();
    });
  }
  log.info('starting');
  await makeActivator({ config, client, clock, random, log, metrics: new Metrics() }).run(stop.signal);
  await client.close();
  process.exit(0);
} catch (error) {
  if (error instanceof ConfigError) {
    process.stderr.write(`${error.message}\n`);
    process.exit(exitUsage);
  }
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exit(1);
}
