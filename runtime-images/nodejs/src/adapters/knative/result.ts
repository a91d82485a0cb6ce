import { hasHeader, headersOf } from '../answer.ts';
import type { Answer, Header } from '../answer.ts';
import { isCloudEvent } from '../cloud-event.ts';
import type { CloudEvent } from '../cloud-event.ts';

/** On every answer of such a function: pages of other origins call it. */
const openToAll: readonly Header[] = [
  ['access-control-allow-methods', 'OPTIONS, GET, DELETE, POST, PUT, HEAD, PATCH'],
  ['access-control-allow-origin', '*'],
];

interface Structured {
  readonly statusCode?: unknown;
  readonly headers?: unknown;
  readonly body?: unknown;
}

/**
 * What a handler's result means: nothing is 204, a text is text, a CloudEvent is sent in binary mode, an object is an answer
 * where it has a body, a status or headers, and JSON otherwise.
 */
export function answerOf(result: unknown): Answer {
  if (!result) {
    return { status: 204, headers: openToAll, body: '' };
  }
  if (isCloudEvent(result)) {
    return answerOfEvent(result);
  }
  if (typeof result !== 'object' || result instanceof Uint8Array) {
    return { status: 200, ...withType([], result) };
  }
  const { statusCode, headers, body } = result as Structured;
  const hasHead = statusCode !== undefined || typeof headers === 'object';
  const content = body === undefined && !hasHead ? result : body;
  return { status: Number(statusCode ?? 200), ...withType(headersOf(headers), content) };
}

function answerOfEvent({ data, datacontenttype, ...attributes }: CloudEvent): Answer {
  const headers = Object.entries(attributes)
    .filter(([, value]) => value !== undefined && typeof value !== 'function')
    .map(([name, value]): Header => [`ce-${name}`, String(value)]);
  const type: readonly Header[] = typeof datacontenttype === 'string' ? [['content-type', datacontenttype]] : [];
  return { status: 200, ...withType([...headers, ...type], data) };
}

/** The function's own headers go before those that everything has. */
function withType(own: readonly Header[], content: unknown): Pick<Answer, 'headers' | 'body'> {
  const { type, body } = encode(content);
  const usual: readonly Header[] = [['content-type', type], ...openToAll];
  return { headers: [...own, ...usual.filter(([name]) => !hasHeader(own, name))], body };
}

function encode(content: unknown): { type: string; body: Answer['body'] } {
  if (content === undefined || content === null || typeof content === 'string') {
    return { type: 'text/plain; charset=utf-8', body: content ?? '' };
  }
  if (content instanceof Uint8Array) {
    return { type: 'application/octet-stream', body: content };
  }
  if (typeof content === 'object' && Symbol.asyncIterator in content) {
    return { type: 'application/octet-stream', body: content as Extract<Answer['body'], AsyncIterable<unknown>> };
  }
  return { type: 'application/json; charset=utf-8', body: JSON.stringify(content) };
}
