import type { IncomingMessage } from 'node:http';
import { Refusal } from './refusal.ts';
import { parseQuery } from './target.ts';

/** What handlers that take a body whole get of it at most. The systems they come from have 100 kB to 32 MiB. */
export const mostBodyBytes = 32 * 1024 * 1024;

/** @throws Refusal when it is longer than `most`; AbortError when the client leaves in the middle */
export async function readBody(request: IncomingMessage, most = mostBodyBytes): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
      length += (chunk as Buffer).length;
      if (length > most) {
        throw new Refusal(413, `the body is longer than ${most} bytes, which is all that this handler can take`);
      }
      chunks.push(chunk as Buffer);
    }
  } catch (error) {
    throw request.errored === null ? error : new DOMException('the client closed the connection', 'AbortError');
  }
  return Buffer.concat(chunks);
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
    throw new Refusal(400, `the body is no JSON: ${(error as Error).message}`);
  }
}

/** `text/plain` of `Text/Plain; charset=utf-8`; empty when there is none. */
export function mediaType(contentType: string | undefined): string {
  return (contentType ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
}

export function isJson(type: string): boolean {
  return type === 'application/json' || type.endsWith('+json');
}
