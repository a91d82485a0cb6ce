import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Invoke } from './fetch.ts';

export type NodeFunction = (request: IncomingMessage, response: ServerResponse) => unknown;

/** `(req, res)` of a Node server; the invocation lasts until the response is finished. */
export function nodeHandler(handler: NodeFunction): Invoke {
  return async (request, response) => {
    const finished = once(response, 'close');
    await handler(request, response);
    await finished;
  };
}
