import type { IncomingMessage, ServerResponse } from 'node:http';
import { isResponse, sendResponse } from '../http/send-response.ts';
import type { Adapter } from './adapter.ts';

type NodeHandler = (request: IncomingMessage, response: ServerResponse) => unknown;

/** `(req, res)`, as node:http, Express and most of npm have it. An Express or Connect app is such a function too. */
export const nodeHttpAdapter: Adapter = {
  signature: 'http',

  adapt: ({ value }) => {
    if (typeof value !== 'function') {
      return undefined;
    }
    const handler = value as NodeHandler;
    return {
      invoke: async ({ request, response }) => {
        const answer = await handler(request, response);
        // Somebody named the context `response`: what was meant is clear all the same.
        if (isResponse(answer) && answer !== response && !response.headersSent) {
          await sendResponse(response, answer);
        }
      },
    };
  },
};
