import { hasHeader, headersOf } from '../answer.ts';
import type { Answer, Header } from '../answer.ts';
import type { Prelude } from './global.ts';

interface Structured extends Prelude {
  readonly body?: unknown;
  readonly isBase64Encoded?: unknown;
}

/**
 * What a handler's result means, in payload format 2.0: an object with a `statusCode` is an answer, everything else is the
 * JSON of one with status 200.
 *
 * @throws TypeError for a status code that is none
 */
export function answerOf(result: unknown): Answer {
  if (!isStructured(result)) {
    const headers: Header[] = [['content-type', 'application/json']];
    return { status: 200, headers, body: JSON.stringify(result ?? null) };
  }
  const headers = headersOfPrelude(result);
  const body = bodyOf(result);
  const hasType = hasHeader(headers, 'content-type') || body.length === 0;
  return {
    status: statusOf(result),
    headers: hasType ? headers : [...headers, ['content-type', 'text/plain; charset=utf-8']],
    body,
  };
}

/** @throws TypeError for a status code that is none */
export function statusOf({ statusCode = 200 }: Prelude): number {
  const status = Number(statusCode);
  if (!Number.isInteger(status) || status < 200 || status > 599) {
    throw new TypeError(`the handler's statusCode is ${String(statusCode)}, not a number from 200 to 599`);
  }
  return status;
}

export function headersOfPrelude({ headers, cookies }: Prelude): Header[] {
  const list = Array.isArray(cookies) ? (cookies as readonly unknown[]) : [];
  return [...headersOf(headers), ...list.map((cookie): Header => ['set-cookie', String(cookie)])];
}

function isStructured(result: unknown): result is Structured {
  return typeof result === 'object' && result !== null && (result as Structured).statusCode !== undefined;
}

function bodyOf({ body = '', isBase64Encoded }: Structured): string | Uint8Array {
  if (typeof body !== 'string') {
    // AWS refuses it; whoever wrote it means the object's JSON.
    return body === null ? '' : JSON.stringify(body);
  }
  return isBase64Encoded === true ? Buffer.from(body, 'base64') : body;
}
