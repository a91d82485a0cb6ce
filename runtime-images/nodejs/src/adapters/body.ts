import type { IncomingMessage } from 'node:http';
import { BodyTooLarge } from '../http/limited-message.ts';
import { readAll } from '../web/request-body.ts';
import { Refusal } from './refusal.ts';
import { parseQuery } from './target.ts';

/**
 * The whole body, for handlers that take it so.
 *
 * @throws BodyTooLarge; AbortError when the client leaves in the middle
 */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  try {
    return await readAll(request);
  } catch (error) {
    const hasLeft = request.errored !== null && !(error instanceof BodyTooLarge);
    throw hasLeft ? new DOMException('the client closed the connection', 'AbortError') : error;
  }
}

/**
 * A body as Express and its kin give it to a handler: JSON as its value, a text as a string, a form as an object, all else
 * as bytes.
 *
 * @throws Refusal for what is no JSON
 */
export function parseBody(body: Buffer, contentType: string | undefined): unknown {
  const type = mediaType(contentType);
  if (isJson(type)) {
    return parseJson(body);
  }
  if (type.startsWith('text/')) {
    return body.toString();
  }
  return type === 'application/x-www-form-urlencoded' ? parseQuery(body.toString()) : body;
}

/** @throws Refusal */
export function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString()) as unknown;
  } catch (error) {
    throw new Refusal(`the body is no JSON: ${(error as Error).message}`);
  }
}

/** `text/plain` of `Text/Plain; charset=utf-8`; empty when there is none. */
export function mediaType(contentType: string | undefined): string {
  return (contentType ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
}

export function isJson(type: string): boolean {
  return type === 'application/json' || type.endsWith('+json');
}
