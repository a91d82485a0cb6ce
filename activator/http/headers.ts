/** Names and values in turn, as `IncomingMessage.rawHeaders` has them: order, case and repetitions stay what they were. */
export type RawHeaders = readonly string[];

/** `a, 1, b, 2` → `[[a, 1], [b, 2]]`. */
export function pairs(raw: RawHeaders): [string, string][] {
  return Array.from({ length: raw.length >> 1 }, (_, index) => [raw[2 * index] ?? '', raw[2 * index + 1] ?? '']);
}

/** The head of a response as it is on the wire, for connections that Node's own responses do not reach. */
export function renderHead(status: number, statusText: string, raw: RawHeaders): string {
  const lines = pairs(raw).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} ${statusText}\r\n${lines.join('')}\r\n`;
}

/** Meant for one connection only (RFC 9110, 7.6.1), and the older ones that are still sent. */
const hopByHop: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'transfer-encoding',
  'upgrade',
]);

/** What `Connection` may not take away from the function, whatever a client nominates. */
const protectedNames: ReadonlySet<string> = new Set([
  'content-length',
  'forwarded',
  'host',
  'traceparent',
  'tracestate',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-request-id',
]);

/** How long the runtime took to load the handler, on the first answer of a replica (`runtime-images/CONTRACT.md`). */
export const loadHeader = 'flint-load-ms';
/** Says that the platform answered, and with which code. */
export const errorHeader = 'flint-error';

/** Calls `visit` for every header but those that end at this hop. */
function eachEndToEnd(raw: RawHeaders, visit: (name: string, value: string, lower: string) => void): void {
  const nominated = nominatedNames(raw);
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = raw[index] ?? '';
    const lower = name.toLowerCase();
    if (!hopByHop.has(lower) && !nominated.has(lower)) {
      visit(name, raw[index + 1] ?? '', lower);
    }
  }
}

/** Every value of a header, in order. @param name in lower case */
export function valuesOf(raw: RawHeaders, name: string): readonly string[] {
  const values: string[] = [];
  for (let index = 0; index + 1 < raw.length; index += 2) {
    if (raw[index]?.toLowerCase() === name) {
      values.push(raw[index + 1] ?? '');
    }
  }
  return values;
}

const none: ReadonlySet<string> = new Set();

function nominatedNames(raw: RawHeaders): ReadonlySet<string> {
  const options = valuesOf(raw, 'connection');
  if (options.length === 0 || (options.length === 1 && /^(?:keep-alive|close)$/iu.test(options[0] ?? ''))) {
    return none;
  }
  const names = options.flatMap((value) => value.split(',')).map((name) => name.trim().toLowerCase());
  return new Set(names.filter((name) => !protectedNames.has(name)));
}

/** How the end of a body is found: `none` has no body; `empty` has none either, of a method where that has to be said. */
export type Framing = 'chunked' | 'sized' | 'none' | 'empty';

/** What the activator says of a request to the function. */
export interface RequestFacts {
  /** As the client meant it: the authority of an absolute request target, else its `Host`. */
  readonly host: string;
  readonly clientIp: string;
  readonly proto: 'http' | 'https';
  readonly requestId: string;
  readonly traceparent: string;
  readonly framing: Framing;
  /** The protocol to change to; '' for none. */
  readonly upgrade: string;
}

/** Made anew, so that none of the client's own lines survives beside them. */
const replaced: ReadonlySet<string> = new Set([
  'expect',
  'forwarded',
  'host',
  'traceparent',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-request-id',
]);

/** The headers with which a request goes to a replica. */
export function makeRequestHeaders(raw: RawHeaders, facts: RequestFacts): string[] {
  const headers: string[] = ['Host', facts.host];
  const chains: Record<string, string[]> = {};
  const isTraceOurs = !valuesOf(raw, 'traceparent').includes(facts.traceparent);
  eachEndToEnd(raw, (name, value, lower) => {
    if (replaced.has(lower)) {
      (chains[lower] ??= []).push(value);
      // A state without its parent would belong to another trace; trailers need chunks.
    } else if (!(lower === 'tracestate' && isTraceOurs) && !(lower === 'trailer' && facts.framing !== 'chunked')) {
      headers.push(name, value);
    }
  });
  const append = (name: string, value: string): void => {
    headers.push(name, [...(chains[name.toLowerCase()] ?? []), value].join(', '));
  };
  append('X-Forwarded-For', facts.clientIp);
  append('X-Forwarded-Proto', facts.proto);
  append('X-Forwarded-Host', facts.host);
  append('Forwarded', makeForwarded(facts));
  headers.push('X-Request-Id', facts.requestId, 'Traceparent', facts.traceparent);
  headers.push(...connectionHeaders(facts));
  return headers;
}

function connectionHeaders({ framing, upgrade }: RequestFacts): readonly string[] {
  if (upgrade !== '') {
    return ['Connection', 'Upgrade', 'Upgrade', upgrade];
  }
  switch (framing) {
    case 'chunked':
      return ['Transfer-Encoding', 'chunked'];
    case 'empty':
      return ['Content-Length', '0'];
    case 'none':
    case 'sized':
      return [];
  }
}

/** RFC 7239: IPv6 addresses and whatever is no token stand in quotes. */
function makeForwarded({ clientIp, host, proto }: RequestFacts): string {
  const address = clientIp.includes(':') ? `"[${clientIp}]"` : clientIp;
  const quoted = /^[\w!#$%&'*+.^`|~-]+$/u.test(host) ? host : `"${host.replaceAll(/["\\]/gu, '\\$&')}"`;
  return `for=${address};host=${quoted};proto=${proto}`;
}

/** Said by the platform only: from a function they would be a lie, or are meant for us. */
const platformOnly: ReadonlySet<string> = new Set([errorHeader, loadHeader]);

/**
 * The headers with which the answer of a replica goes to the client.
 * @param keepsTrailers whether the client's connection can carry them.
 */
export function makeResponseHeaders(raw: RawHeaders, keepsTrailers: boolean): string[] {
  const headers: string[] = [];
  eachEndToEnd(raw, (name, value, lower) => {
    if (!platformOnly.has(lower) && (keepsTrailers || lower !== 'trailer')) {
      headers.push(name, value);
    }
  });
  return headers;
}
