import type { Adapter } from '../adapter.ts';
import { readBody } from '../body.ts';
import { callHandler, isHandler } from '../callback.ts';
import { parseCloudEvent } from '../cloud-event.ts';
import { Refusal, withRefusals } from '../refusal.ts';
import { sendResult } from '../express/result.ts';

/** `(cloudEvent[, callback])`. */
export const cloudEventAdapter: Adapter = {
  signature: 'cloudevent',

  adapt: ({ value }) => {
    if (!isHandler(value)) {
      return undefined;
    }
    return {
      invoke: withRefusals(async ({ request, response }) => {
        const event = parseCloudEvent(request.headers, await readBody(request));
        if (event === undefined) {
          throw new Refusal('the request carries no CloudEvent, which is all that this function takes');
        }
        const { traceparent } = request.headers;
        const traced = traceparent === undefined ? event : { ...event, traceparent };
        sendResult(response, await callHandler(value, [traced]));
      }),
    };
  },
};
