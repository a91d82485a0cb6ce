import type { IncomingHttpHeaders } from 'node:http';
import type { Adapter } from '../adapter.ts';
import { parseJson, readBody } from '../body.ts';
import { callHandler, isHandler } from '../callback.ts';
import { parseCloudEvent } from '../cloud-event.ts';
import { Refusal, withRefusals } from '../refusal.ts';
import { sendResult } from '../express/result.ts';

/** `(data, context[, callback])`: background functions of the first generation. */
export const googleEventAdapter: Adapter = {
  signature: 'google-event',

  adapt: ({ value }) => {
    if (!isHandler(value)) {
      return undefined;
    }
    return {
      invoke: withRefusals(async ({ request, response }) => {
        const { data, context } = parseEvent(request.headers, await readBody(request));
        sendResult(response, await callHandler(value, [data, context]));
      }),
    };
  },
};

interface BackgroundEvent {
  readonly data: unknown;
  readonly context: object;
}

/** Of a CloudEvent, or of the JSON `{ data, context }`, whose context may also stand beside the data. @throws Refusal */
function parseEvent(headers: IncomingHttpHeaders, body: Buffer): BackgroundEvent {
  const event = parseCloudEvent(headers, body);
  if (event !== undefined) {
    const { data, id, time, type, source } = event;
    return { data, context: { eventId: id, timestamp: time, eventType: type, resource: source } };
  }
  const parsed = parseJson(body);
  if (typeof parsed !== 'object' || parsed === null) {
    throw new Refusal('the body is no event: it is no object');
  }
  const { data, context, ...beside } = parsed as Readonly<Record<string, unknown>>;
  return { data, context: typeof context === 'object' && context !== null ? context : beside };
}
