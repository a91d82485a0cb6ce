import { sendProblem } from '../http/problem.ts';
import type { Invoke } from './adapter.ts';

/** The request cannot be put into the form that the handler takes: the client's mistake, so the client is told. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
}

/** Answers with the refusals that `invoke` throws. */
export function withRefusals(invoke: Invoke): Invoke {
  return async (invocation) => {
    try {
      await invoke(invocation);
    } catch (error) {
      if (!(error instanceof Refusal)) {
        throw error;
      }
      const { response, context } = invocation;
      // What was not read of the body would be taken for the next request.
      response.shouldKeepAlive &&= invocation.request.complete;
      sendProblem(response, { status: 400, detail: error.message, requestId: context.requestId });
    }
  };
}
