import type { Clock } from '../../lib/clock.ts';
import type { Exchange, Layer } from './exchange.ts';

export interface RequestMetricsDeps {
  readonly clock: Clock;
  /** @param durationMs from the head of the request to the last byte of the answer */
  readonly onEnd: (exchange: Exchange, durationMs: number) => void;
}

/** Counts every request once it is over, whatever became of it. */
export function makeRequestMetricsLayer({ clock, onEnd }: RequestMetricsDeps): Layer {
  return (next) => async (exchange) => {
    try {
      await next(exchange);
      await exchange.closed;
    } finally {
      onEnd(exchange, clock.monotonic() - exchange.arrivedAt);
    }
  };
}
