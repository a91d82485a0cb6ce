import type { IncomingMessage } from 'node:http';
import { sendProblem } from '../http/problem.ts';
import { isResponse, sendResponse } from '../http/send-response.ts';
import type { Context, Invocation } from '../invocation.ts';
import { hasMethod } from '../members.ts';
import { LazyRequest } from '../web/request.ts';
import type { Adapter, Exported, Invoke } from './adapter.ts';

type FetchHandler = (request: LazyRequest, context: Context) => unknown;

/** `(request, context) => Response`, as the default export or as `fetch` of an object (WinterTC, Hono, Bun, Deno). */
export const fetchAdapter: Adapter = {
  signature: 'fetch',

  adapt: (exported) => {
    const handler = tryMakeHandler(exported.value);
    return handler === undefined ? undefined : { invoke: makeInvoke(handler, exported) };
  },
};

function tryMakeHandler(value: unknown): FetchHandler | undefined {
  if (!hasMethod(value, 'fetch')) {
    return typeof value === 'function' ? (value as FetchHandler) : undefined;
  }
  // Workers are called with (request, env, context), and say so by asking for all three.
  return value.fetch.length >= 3
    ? (request, context) => value.fetch(request, context.env, context)
    : (request, context) => value.fetch(request, context);
}

function makeInvoke(handler: FetchHandler, { name }: Exported): Invoke {
  return async (invocation) => {
    const request = tryMakeRequest(invocation);
    if (request === undefined) {
      const { requestId } = invocation.context;
      sendProblem(invocation.response, { status: 400, detail: 'the Host header and path make no URL', requestId });
      return;
    }
    const answer = await handler(request, invocation.context);
    if (!isResponse(answer)) {
      throw new TypeError(`${name} returned ${describe(answer)} instead of a Response; ${adviceFor(answer)}`);
    }
    await sendResponse(invocation.response, answer);
  };
}

function describe(value: unknown): string {
  return value === null || value === undefined ? String(value) : `a value of type ${typeof value}`;
}

function adviceFor(answer: unknown): string {
  return typeof answer === 'object' && answer !== null && 'statusCode' in answer
    ? 'a status code in an object is how AWS Lambda has it: set FLINT_SIGNATURE=lambda'
    : 'a handler that answers through (req, res) is recognised by the name of its second parameter, or set FLINT_SIGNATURE=http';
}

function tryMakeRequest({ request, context }: Invocation): LazyRequest | undefined {
  const url = tryMakeUrl(request);
  return url === undefined ? undefined : new LazyRequest({ message: request, url, signal: () => context.signal });
}

const hostPattern = /^[\w.\-:[\]%]+$/u;

/** The URL as the client saw it: its Host, and the scheme it spoke to the outermost proxy. */
function tryMakeUrl({ headers, url: target = '/' }: IncomingMessage): string | undefined {
  const host = headers.host ?? 'localhost';
  if (!hostPattern.test(host)) {
    return undefined;
  }
  const forwarded = String(headers['x-forwarded-proto'] ?? '').split(',', 1)[0];
  const origin = `${forwarded === 'https' ? 'https' : 'http'}://${host}`;
  // RFC 9112, section 3.2: a path, a whole URL, or the * of OPTIONS.
  const text = target.startsWith('/') ? origin + target : target === '*' ? origin : target;
  return URL.parse(text)?.href;
}
