import { AppError } from '../errors.ts';
import type { FunctionRoute } from '../routing/route.ts';
import type { Layer } from './exchange.ts';

/** Declared for the routing layer: the table host → Function. */
export interface Routes {
  find(host: string): FunctionRoute | undefined;
  /** One sentence for who asked for a host that no function has. */
  explainMiss(host: string): string;
}

/** Finds the Function by its host; nothing else that a client sends has a say. */
export function makeRoutingLayer({ routes }: { readonly routes: Routes }): Layer {
  return (next) => async (exchange) => {
    const route = routes.find(exchange.host);
    if (route === undefined) {
      throw new AppError('FunctionNotFound', routes.explainMiss(exchange.host));
    }
    exchange.route = route;
    await next(exchange);
  };
}
