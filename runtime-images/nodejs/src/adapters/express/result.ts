import type { ServerResponse } from 'node:http';
import { toExpressResponse } from './response.ts';

/** Answers with what an event's handler returned: nothing as 204, a number as its JSON, all else as `res.send` has it. */
export function sendResult(response: ServerResponse, result: unknown): void {
  const made = toExpressResponse(response);
  if (result === undefined || result === null) {
    made.status(204).send();
  } else {
    made.send(result);
  }
}
