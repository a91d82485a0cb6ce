import type { IncomingHttpHeaders } from 'node:http';

/** Name and value in turn, as `rawHeaders` has them: order, case and repetitions are kept. */
export type RawHeaders = readonly string[];

/** RFC 9110, 7.6.1: for one connection only, never passed on. */
const hopByHop = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** Set anew by this proxy; what a client sends under these names is not passed on as it is. */
const replaced = new Set([
  'forwarded',
  'x-forwarded-for',
  'x-forwarded-proto',
  'x-forwarded-host',
  'x-request-id',
  'traceparent',
  'expect',
]);

export interface ForwardingFacts {
  readonly remoteAddress: string;
  readonly protocol: 'http' | 'https';
  readonly requestId: string;
  readonly traceparent: string;
}

/** The headers of the request to the replica. */
export function requestHeaders(raw: RawHeaders, headers: IncomingHttpHeaders, facts: ForwardingFacts): string[] {
  const result = filterHeaders(raw, headers.connection, replaced);
  const host = headers.host ?? '';
  const node = facts.remoteAddress.includes(':') ? `"[${facts.remoteAddress}]"` : facts.remoteAddress;
  const forwarded = `for=${node};host="${host.replaceAll(/["\\]/gu, '')}";proto=${facts.protocol}`;
  result.push('Forwarded', append(headers.forwarded, forwarded));
  result.push('X-Forwarded-For', append(headers['x-forwarded-for'], facts.remoteAddress));
  result.push('X-Forwarded-Proto', append(headers['x-forwarded-proto'], facts.protocol));
  result.push('X-Forwarded-Host', append(headers['x-forwarded-host'], host));
  result.push('X-Request-Id', facts.requestId, 'Traceparent', facts.traceparent);
  return result;
}

/** What only the platform may say. */
const platformOnly = new Set(['flint-error', 'flint-load-ms']);

/** The headers of the answer to the client. */
export function responseHeaders(raw: RawHeaders, connection: string | undefined): string[] {
  return filterHeaders(raw, connection, platformOnly);
}

function filterHeaders(raw: RawHeaders, connection: string | undefined, besides: ReadonlySet<string>): string[] {
  // Whatever the Connection header names is hop-by-hop too.
  const named = new Set(
    (connection ?? '')
      .toLowerCase()
      .split(',')
      .map((name) => name.trim()),
  );
  const result: string[] = [];
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = raw[index] ?? '';
    const key = name.toLowerCase();
    if (!hopByHop.has(key) && !besides.has(key) && !named.has(key)) {
      result.push(name, raw[index + 1] ?? '');
    }
  }
  return result;
}

function append(existing: string | string[] | undefined, value: string): string {
  const before = [existing].flat().filter((part) => part !== undefined && part !== '');
  return [...before, value].join(', ');
}

const goodRequestId = /^[\w.:=+/@-]{1,128}$/u;

/** The client's id where it is fit for logs and headers, else a new one. */
export function requestIdOf(headers: IncomingHttpHeaders, makeId: () => string): string {
  const given = headers['x-request-id'];
  return typeof given === 'string' && goodRequestId.test(given) ? given : makeId();
}

const goodTraceparent = /^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/u;

/** W3C Trace Context: the client's, or the start of a trace, not sampled. @param hex makes that many random hex digits */
export function traceparentOf(headers: IncomingHttpHeaders, hex: (digits: number) => string): string {
  const given = headers['traceparent'];
  return typeof given === 'string' && goodTraceparent.test(given) ? given : `00-${hex(32)}-${hex(16)}-00`;
}
