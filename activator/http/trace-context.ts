import type { Random } from '../../lib/clock.ts';
import type { Layer } from './exchange.ts';
import { isTraceparent, makeTraceparent } from './trace.ts';

/** Keeps the client's `traceparent`, or begins a trace. */
export function makeTraceContextLayer({ random }: { readonly random: Random }): Layer {
  return (next) => (exchange) => {
    const sent = exchange.request.headers['traceparent'];
    exchange.traceparent = typeof sent === 'string' && isTraceparent(sent) ? sent : makeTraceparent(random);
    return next(exchange);
  };
}
