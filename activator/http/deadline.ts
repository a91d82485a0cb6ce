import type { Clock } from '../../lib/clock.ts';
import { AppError } from '../errors.ts';
import { type Layer, routeOf } from './exchange.ts';

/** `timeouts.request`: from arrival to the last byte, waiting included. A connection that changed its protocol has left it behind. */
export function makeDeadlineLayer({ clock }: { readonly clock: Clock }): Layer {
  return (next) => async (exchange) => {
    const { requestMs } = routeOf(exchange).settings.timeouts;
    if (requestMs === 0) {
      return next(exchange);
    }
    const cancel = clock.schedule(requestMs, () => {
      if (!exchange.isUpgraded) {
        exchange.abort(new AppError('RequestTimeout', `the answer was not complete after ${requestMs} ms`));
      }
    });
    try {
      await next(exchange);
    } finally {
      cancel();
    }
  };
}
