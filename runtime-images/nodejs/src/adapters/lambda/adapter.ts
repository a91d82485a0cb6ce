import type { Invocation } from '../../invocation.ts';
import type { Adapter, Invoke } from '../adapter.ts';
import { sendAnswer } from '../answer.ts';
import { readBody } from '../body.ts';
import { callHandler, isHandler } from '../callback.ts';
import type { AnyHandler } from '../callback.ts';
import { withRefusals } from '../refusal.ts';
import { makeLambdaContext } from './context.ts';
import type { LambdaContext } from './context.ts';
import { makeEvent } from './event.ts';
import type { LambdaEvent } from './event.ts';
import { isStreaming } from './global.ts';
import { answerOf } from './result.ts';
import { finished, ResponseStream } from './response-stream.ts';

/** `(event, context[, callback])`, or `(event, responseStream, context)` where `awslambda.streamifyResponse` marked it. */
export const lambdaAdapter: Adapter = {
  signature: 'lambda',

  adapt: ({ value }) => {
    if (!isHandler(value)) {
      return undefined;
    }
    return { invoke: withRefusals(isStreaming(value) ? invokeStreaming(value) : invokeBuffered(value)) };
  },
};

function invokeBuffered(handler: AnyHandler): Invoke {
  return async (invocation) => {
    const { event, context } = await receive(invocation);
    const result = await callHandler(handler, [event, context]);
    await sendAnswer(invocation.response, answerOf(result));
  };
}

function invokeStreaming(handler: AnyHandler): Invoke {
  return async (invocation) => {
    const { event, context } = await receive(invocation);
    const responseStream = new ResponseStream(invocation.response);
    await handler(event, responseStream, context);
    // A handler that has returned and not ended its stream may still have somebody write to it.
    await finished(responseStream);
  };
}

async function receive({ request, context }: Invocation): Promise<{ event: LambdaEvent; context: LambdaContext }> {
  const body = await readBody(request);
  return {
    event: makeEvent(request, { body, requestId: context.requestId, now: Date.now() }),
    context: makeLambdaContext(context, () => performance.now()),
  };
}
