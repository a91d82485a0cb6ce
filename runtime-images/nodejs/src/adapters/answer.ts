import type { ServerResponse } from 'node:http';
import { sendResponse } from '../http/send-response.ts';
import type { ByteSource } from '../web/plain-response.ts';

/** An answer as most systems want it of a handler. */
export interface Answer {
  readonly status: number;
  readonly headers: readonly Header[];
  readonly body: string | Uint8Array | ByteSource;
}

/** Name and value; one of them for each that is sent. */
export type Header = readonly [string, string];

/** @throws TypeError for headers, RangeError for a status that HTTP does not have */
export async function sendAnswer(response: ServerResponse, { status, headers, body }: Answer): Promise<void> {
  const lowered = headers.map(([name, value]) => [name.toLowerCase(), value]);
  await sendResponse(response, { status, statusText: '', headers: lowered, body, bodyUsed: false });
}

/** The headers of a plain object, as handlers write them; a list is sent as so many headers of its name. */
export function headersOf(values: unknown): Header[] {
  if (typeof values !== 'object' || values === null) {
    return [];
  }
  return Object.entries(values as Readonly<Record<string, unknown>>).flatMap(([name, value]) =>
    value === undefined || value === null
      ? []
      : (Array.isArray(value) ? value : [value]).map((one): Header => [name, String(one)]),
  );
}

export function hasHeader(headers: readonly Header[], name: string): boolean {
  return headers.some(([candidate]) => candidate.toLowerCase() === name);
}
