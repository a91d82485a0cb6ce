import { Agent, request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { buffer } from 'node:stream/consumers';
import type { Readable } from 'node:stream';

export interface Call {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer | Readable;
  readonly signal?: AbortSignal;
  /** Called with each answer of 1xx that comes before. */
  readonly onInterim?: (status: number, headers: IncomingMessage['headers']) => void;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
  /** The platform's own error code, absent on answers of the function. */
  readonly flintError: string | undefined;
  /** `Server-Timing` phases in milliseconds; only on cold answers. */
  readonly phases: Readonly<Record<string, number>> | undefined;
  /** From the call to the response's head. */
  readonly firstByteMs: number;
  readonly durationMs: number;
}

/** One connection a call: nothing of one story reaches another through a pool. */
const agent = new Agent({ keepAlive: false });

/** Sends a request to the activator's address under a function's host name and returns the response with its body unread. */
export async function open(
  endpoint: { host: string; port: number },
  host: string,
  call: Call,
): Promise<IncomingMessage> {
  const options: RequestOptions = {
    agent,
    host: endpoint.host,
    port: endpoint.port,
    method: call.method ?? 'GET',
    path: call.path ?? '/',
    headers: { ...call.headers, host },
    ...(call.signal === undefined ? {} : { signal: call.signal }),
  };
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const request = httpRequest(options, resolve);
  request.once('error', reject);
  request.on('information', ({ statusCode, headers }) => call.onInterim?.(statusCode, headers));
  const { body } = call;
  if (body === undefined || typeof body === 'string' || Buffer.isBuffer(body)) {
    request.end(body);
  } else {
    body.once('error', (error: Error) => request.destroy(error));
    body.pipe(request);
  }
  return promise;
}

/** The whole exchange, body included. */
export async function send(endpoint: { host: string; port: number }, host: string, call: Call): Promise<Answer> {
  const startedAt = performance.now();
  const response = await open(endpoint, host, call);
  const firstByteMs = performance.now() - startedAt;
  const body = await buffer(response);
  const flintError = response.headers['flint-error'];
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    text: body.toString('utf8'),
    flintError: typeof flintError === 'string' ? flintError : undefined,
    phases: parseServerTiming(response.headers['server-timing']),
    firstByteMs,
    durationMs: performance.now() - startedAt,
  };
}

/** `queue;dur=1.2, start;dur=40` as `{queue: 1.2, start: 40}`. */
function parseServerTiming(header: string | string[] | undefined): Record<string, number> | undefined {
  if (header === undefined) {
    return undefined;
  }
  const metrics = [header].flat().join(',').split(',');
  return Object.fromEntries(
    metrics.map((metric) => {
      const [name = '', ...parameters] = metric.split(';').map((part) => part.trim());
      const duration = parameters.find((parameter) => parameter.startsWith('dur='));
      return [name, Number(duration?.slice('dur='.length))];
    }),
  );
}
