import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { InvocationContext } from '../context.ts';

/** Answers one request; resolves when the answer is out. Rejects with what the user's code threw. */
export type Invoke = (request: IncomingMessage, response: ServerResponse, context: InvocationContext) => Promise<void>;

export type FetchFunction = (request: Request, context: InvocationContext) => unknown;

/** `(request: Request, context) => Response`. */
export function fetchHandler(handler: FetchFunction): Invoke {
  return async (incoming, outgoing, context) => {
    const gone = new AbortController();
    outgoing.once('close', () => {
      if (!outgoing.writableFinished) {
        gone.abort(new Error('the client closed the request'));
      }
    });
    const answer = await handler(makeRequest(incoming, gone.signal), context);
    if (!(answer instanceof Response)) {
      throw new TypeError(`the handler returned ${describe(answer)}; a fetch-style handler returns a Response`);
    }
    await send(answer, outgoing, incoming.method === 'HEAD');
  };
}

function makeRequest(incoming: IncomingMessage, signal: AbortSignal): Request {
  const method = incoming.method ?? 'GET';
  const host = incoming.headers.host ?? 'localhost';
  const protocol = firstOf(incoming.headers['x-forwarded-proto']) ?? 'http';
  const headers = new Headers();
  for (let index = 0; index + 1 < incoming.rawHeaders.length; index += 2) {
    headers.append(incoming.rawHeaders[index] ?? '', incoming.rawHeaders[index + 1] ?? '');
  }
  const hasBody = method !== 'GET' && method !== 'HEAD';
  return new Request(new URL(incoming.url ?? '/', `${protocol}://${host}`), {
    method,
    headers,
    signal,
    ...(hasBody ? { body: Readable.toWeb(incoming) as ReadableStream<Uint8Array>, duplex: 'half' } : {}),
  });
}

function firstOf(header: string | string[] | undefined): string | undefined {
  return [header].flat()[0]?.split(',')[0]?.trim();
}

async function send(answer: Response, outgoing: ServerResponse, isHead: boolean): Promise<void> {
  outgoing.statusCode = answer.status;
  for (const [name, value] of answer.headers) {
    if (name !== 'set-cookie') {
      outgoing.setHeader(name, value);
    }
  }
  const cookies = answer.headers.getSetCookie();
  if (cookies.length > 0) {
    outgoing.setHeader('set-cookie', cookies);
  }
  if (answer.body === null || isHead) {
    await answer.body?.cancel();
    outgoing.end();
    return;
  }
  outgoing.flushHeaders();
  await pipeline(Readable.fromWeb(answer.body as never), outgoing);
}

function describe(value: unknown): string {
  return value === null
    ? 'null'
    : Array.isArray(value)
      ? 'an array'
      : typeof value === 'object'
        ? 'an object'
        : typeof value;
}
