import type { Random } from '../../lib/clock.ts';
import type { Layer } from './exchange.ts';
import { makeUuid } from './ids.ts';

/** Long enough for UUIDs, ULIDs and what gateways make; nothing that could break a log line or a header. */
const pattern = /^[\w.:+/=@-]{1,128}$/u;

/** Keeps the client's `x-request-id` where it can be trusted to be one, or makes one. */
export function makeRequestIdLayer({ random }: { readonly random: Random }): Layer {
  return (next) => (exchange) => {
    const sent = exchange.request.headers['x-request-id'];
    exchange.requestId = typeof sent === 'string' && pattern.test(sent) ? sent : makeUuid(random);
    return next(exchange);
  };
}
