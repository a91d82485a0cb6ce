import type { ServerResponse } from 'node:http';
import type { PlainResponse } from '../web/plain-response.ts';
import { LazyResponse } from '../web/response.ts';
import { sendStream } from './send-stream.ts';

/** The connection's business, not the function's (RFC 9110, section 7.6.1). */
const connectionHeaders = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** True for a Response of this runtime, of Node, or of another implementation of the standard. */
export function isResponse(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) {
    return false;
  }
  if (value instanceof LazyResponse) {
    return true;
  }
  const { status, headers } = value as { readonly status?: unknown; readonly headers?: unknown };
  const areHeaders = typeof headers === 'object' && headers !== null && Symbol.iterator in headers;
  return typeof status === 'number' && areHeaders && 'body' in value;
}

/**
 * Writes `value` to the connection, with back-pressure, and resolves when it is written or nobody reads any more.
 *
 * @throws what the response's stream throws, or TypeError for a response that cannot be sent
 */
export async function sendResponse(response: ServerResponse, value: object): Promise<void> {
  const { status, statusText, headers, body } = LazyResponse.plainOf(value) ?? flatten(value);
  const { kept, promised } = splitHeaders(headers);
  if (body === null || typeof body === 'string' || body instanceof Uint8Array) {
    const length = lengthToTell({ isHead: response.req.method === 'HEAD', status, promised, body });
    writeHead(response, { status, statusText, headers: withLength(kept, length) });
    response.end(body ?? undefined);
    return;
  }
  writeHead(response, { status, statusText, headers: withLength(kept, promised) });
  await sendStream(response, body, promised);
}

interface Whole {
  readonly isHead: boolean;
  readonly status: number;
  readonly promised: number | undefined;
  readonly body: string | Uint8Array | null;
}

/**
 * The real length, whatever the function said: another one would break the connection's framing. Only an answer that never
 * has a body may say how long it would be (RFC 9110, section 8.6).
 */
function lengthToTell({ isHead, status, promised, body }: Whole): number | undefined {
  if (status === 204) {
    return undefined;
  }
  const length = body === null ? 0 : Buffer.byteLength(body);
  return length === 0 && (isHead || status === 304) ? promised : length;
}

function writeHead(response: ServerResponse, head: Omit<PlainResponse, 'body'>): void {
  const { status, statusText } = head;
  const headers = head.headers as string[];
  if (statusText === '') {
    response.writeHead(status, headers);
  } else {
    response.writeHead(status, statusText, headers);
  }
}

/** Node's response, or somebody's class of the same shape. */
function flatten(value: object): PlainResponse {
  const response = LazyResponse.nativeOf(value) ?? (value as Response);
  if (response.bodyUsed) {
    throw new TypeError('the handler returned a Response whose body was already read');
  }
  if (response.status === 0) {
    throw new TypeError('the handler returned Response.error()');
  }
  const headers = [...response.headers].flat();
  return { status: response.status, statusText: response.statusText, headers, body: response.body };
}

interface Split {
  readonly kept: readonly string[];
  /** The function's own `content-length`. */
  readonly promised: number | undefined;
}

function splitHeaders(headers: readonly string[]): Split {
  const kept: string[] = [];
  const lengths = new Set<string>();
  for (let index = 0; index < headers.length; index += 2) {
    const [name = '', value = ''] = headers.slice(index, index + 2);
    if (name === 'content-length') {
      lengths.add(value);
    } else if (!connectionHeaders.has(name)) {
      kept.push(name, value);
    }
  }
  const [length] = lengths;
  if (length !== undefined && (lengths.size > 1 || !/^[0-9]{1,15}$/u.test(length))) {
    throw new TypeError(`the handler's content-length is ${[...lengths].join(', ')}`);
  }
  return { kept, promised: length === undefined ? undefined : Number(length) };
}

function withLength(headers: readonly string[], length: number | undefined): readonly string[] {
  return length === undefined ? headers : [...headers, 'content-length', String(length)];
}
