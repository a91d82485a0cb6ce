import { AppError } from '../errors.ts';
import type { Layer } from './exchange.ts';
import { parseTarget } from './target.ts';

/** Finds out which host and path the client means. */
export const addressingLayer: Layer = (next) => async (exchange) => {
  const { url = '', rawHeaders, headers } = exchange.request;
  if (headers.expect !== undefined && !exchange.expectsContinue) {
    throw new AppError('BadRequest', 'the only expectation that can be met is 100-continue');
  }
  const { host, path } = parseTarget(url, rawHeaders);
  exchange.host = host;
  exchange.path = path;
  await next(exchange);
};
