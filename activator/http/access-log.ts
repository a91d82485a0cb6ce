import type { Clock } from '../../lib/clock.ts';
import type { LogFields, Logger } from '../../lib/log.ts';
import type { Exchange, Layer } from './exchange.ts';
import { finalStatus } from './outcome.ts';

export interface AccessLogDeps {
  readonly clock: Clock;
  readonly log: Pick<Logger, 'info'>;
  readonly enabled: boolean;
}

const maxPathLength = 1024;

/** One line a request, when it is over. */
export function makeAccessLogLayer({ clock, log, enabled }: AccessLogDeps): Layer {
  return (next) =>
    enabled
      ? async (exchange) => {
          try {
            await next(exchange);
            await exchange.closed;
          } finally {
            log.info('request', makeRecord(exchange, clock.monotonic() - exchange.arrivedAt));
          }
        }
      : next;
}

function makeRecord(exchange: Exchange, durationMs: number): LogFields {
  const { request, route, code, phases } = exchange;
  return {
    method: request.method,
    host: exchange.host,
    path: exchange.path.slice(0, maxPathLength),
    status: finalStatus(exchange),
    ...(code === undefined ? {} : { code }),
    ...(exchange.isAbandoned ? { abandoned: true } : {}),
    ...(route === undefined ? {} : { namespace: route.namespace, function: route.name }),
    ...(exchange.revisionName === undefined ? {} : { revision: exchange.revisionName, replica: exchange.replicaId }),
    cold: phases !== undefined,
    ...(phases === undefined ? {} : { phases }),
    durationMs: Math.round(durationMs * 1000) / 1000,
    requestBytes: exchange.requestBytes,
    responseBytes: exchange.responseBytes,
    requestId: exchange.requestId,
  };
}
