import { systemClock, systemRandom } from '../lib/clock.ts';
import { ConfigError } from '../lib/errors.ts';
import { createClient } from '../lib/kube/http-client.ts';
import { openConnection } from '../lib/kube/connect.ts';
import { createLogger } from '../lib/log.ts';
import { Metrics } from '../lib/metrics.ts';
import { makeOperator } from './app.ts';
import { loadConfig } from './config.ts';

const exitUsage = 64;

try {
  const config = loadConfig(process.env);
  const log = createLogger({ level: config.logLevel, component: 'operator' });
  const client = createClient({
    connection: await openConnection(config.kube),
    clock: systemClock,
    random: systemRandom,
    userAgent: 'flint-operator',
  });
  const stop = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      log.info('stopping', { signal });
      stop.abort();
    });
  }
  log.info('starting');
  await makeOperator({ config, client, clock: systemClock, random: systemRandom, log, metrics: new Metrics() }).run(
    stop.signal,
  );
  await client.close();
  process.exit(0);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exit(error instanceof ConfigError ? exitUsage : 1);
}
