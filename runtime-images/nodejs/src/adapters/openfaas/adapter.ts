import type { Invocation } from '../../invocation.ts';
import type { Adapter } from '../adapter.ts';
import { parseBody, readBody } from '../body.ts';
import { isHandler } from '../callback.ts';
import type { AnyHandler } from '../callback.ts';
import { toExpressResponse } from '../express/response.ts';
import { withRefusals } from '../refusal.ts';
import { parseQuery, splitTarget } from '../target.ts';
import { OpenFaaSContext } from './context.ts';
import type { OpenFaaSEvent, Outcome } from './context.ts';

/** `(event, context[, callback])` of OpenFaaS's Node.js templates. */
export const openfaasAdapter: Adapter = {
  signature: 'openfaas',

  adapt: ({ value }) => {
    if (!isHandler(value)) {
      return undefined;
    }
    return {
      invoke: withRefusals(async (invocation) => {
        const event = await makeEvent(invocation);
        send(invocation, await call(value, event));
      }),
    };
  },
};

async function makeEvent({ request, context: { env } }: Invocation): Promise<OpenFaaSEvent> {
  const rawBody = await readBody(request);
  const { path, search } = splitTarget(request.url);
  const headers = { 'content-type': 'text/plain', ...request.headers };
  return {
    body: bodyOf(rawBody, env['RAW_BODY'] === 'true' ? undefined : headers['content-type']),
    headers,
    method: request.method ?? 'GET',
    query: parseQuery(search),
    path,
  };
}

/** As the templates' body-parser gives it: an object without members when there is none. */
function bodyOf(rawBody: Buffer, contentType: string | undefined): unknown {
  return rawBody.length === 0 ? {} : parseBody(rawBody, contentType);
}

interface Ended {
  readonly context: OpenFaaSContext;
  readonly outcome: Outcome;
}

/** The first outcome that is told counts, or else what the handler returns. @throws what it throws */
async function call(handler: AnyHandler, event: OpenFaaSEvent): Promise<Ended> {
  const { promise, resolve, reject } = Promise.withResolvers<Outcome>();
  const context = new OpenFaaSContext(resolve);
  const callback = (error: unknown, value?: unknown): void => {
    if (error) {
      context.fail(error);
    } else {
      context.succeed(value);
    }
  };
  const returned = handler(event, context, callback);
  const answersLater = returned === undefined && handler.length > 2;
  if (!answersLater) {
    Promise.resolve(returned).then((value) => {
      resolve({ succeeded: value });
    }, reject);
  }
  return { context, outcome: await promise };
}

/** @throws what node:http throws for headers that HTTP does not have */
function send({ response, context: { log } }: Invocation, { context, outcome }: Ended): void {
  const made = toExpressResponse(response).status(context.statusCode);
  if ('failed' in outcome) {
    log.error('the function said that it failed', { error: outcome.failed });
    made.send(String(outcome.failed));
    return;
  }
  made.set(context.headerValues as Parameters<typeof made.set>[0]).send(outcome.succeeded);
}
