import type { Context, Invocation } from '../../invocation.ts';
import type { Adapter, Invoke, Served } from '../adapter.ts';
import { sendAnswer } from '../answer.ts';
import type { Answer } from '../answer.ts';
import { parseBody, readBody } from '../body.ts';
import { isHandler } from '../callback.ts';
import type { AnyHandler } from '../callback.ts';
import { parseCloudEvent } from '../cloud-event.ts';
import { withRefusals } from '../refusal.ts';
import { splitTarget } from '../target.ts';
import { KnativeContext } from './context.ts';
import { answerOf } from './result.ts';

/** What `func` calls a function: the handler, and what goes on around it. */
interface KnativeFunction {
  readonly handle: AnyHandler;
  readonly init?: unknown;
  readonly shutdown?: unknown;
  readonly liveness?: unknown;
  readonly readiness?: unknown;
}

/** `handle(context, body)`, or `handle(context, event)` where the request carries a CloudEvent. */
export const knativeAdapter: Adapter = {
  signature: 'knative',

  adapt: async ({ value, siblings }) => {
    const found = toFunction(value, siblings);
    if (found === undefined) {
      return undefined;
    }
    const { init, shutdown } = found;
    if (isHandler(init)) {
      await init();
    }
    const served: Served = { invoke: withRefusals(route(found)) };
    const close = async (): Promise<void> => {
      await (shutdown as AnyHandler)();
    };
    return isHandler(shutdown) ? { ...served, close } : served;
  },
};

/** `{ handle, init, … }` as one object, or as exports beside each other. */
function toFunction(value: unknown, siblings: ReadonlyMap<string, unknown>): KnativeFunction | undefined {
  if (isHandler(value)) {
    return { ...Object.fromEntries(siblings), handle: value };
  }
  const holder = value as Partial<KnativeFunction> | null;
  return typeof holder === 'object' && isHandler(holder?.handle) ? (holder as KnativeFunction) : undefined;
}

/** Where a function has a health check, its path answers with it; without one, the path is the handler's as any other. */
function route(found: KnativeFunction): Invoke {
  const checks = new Map(
    [['/health/liveness', found.liveness] as const, ['/health/readiness', found.readiness] as const].flatMap(
      ([usualPath, check]) => (isHandler(check) ? [[pathOf(check) ?? usualPath, check] as const] : []),
    ),
  );
  return async (invocation) => {
    const { request, response } = invocation;
    const check = request.method === 'GET' ? checks.get(splitTarget(request.url).path) : undefined;
    if (check === undefined) {
      await sendAnswer(response, await handle(found.handle, invocation));
      return;
    }
    const result = await check(request, response);
    if (!response.writableEnded) {
      await sendAnswer(response, answerOf(result ?? 'OK'));
    }
  };
}

function pathOf(check: AnyHandler): string | undefined {
  const { path } = check as { readonly path?: unknown };
  return typeof path === 'string' ? path : undefined;
}

async function handle(handler: AnyHandler, { request, context: { log } }: Invocation): Promise<Answer> {
  const rawBody = await readBody(request);
  const event = parseCloudEvent(request.headers, rawBody);
  const { 'content-type': contentType } = request.headers;
  const body = event?.['data'] ?? (rawBody.length === 0 ? undefined : parseBody(rawBody, contentType));
  const context = new KnativeContext({ request, rawBody, body, event, log });
  try {
    return answerOf(await handler(context, event ?? body));
  } catch (error) {
    return answerOfError(error, log);
  }
}

/** An error that says which status it means is the function's answer. @throws every other error */
function answerOfError(error: unknown, log: Context['log']): Answer {
  const { statusCode, message } = (error ?? {}) as { readonly statusCode?: unknown; readonly message?: unknown };
  if (typeof statusCode !== 'number' || statusCode < 400 || statusCode > 599) {
    throw error;
  }
  log.warn('the function answered with an error', { error });
  return answerOf({ statusCode, body: String(message) });
}
