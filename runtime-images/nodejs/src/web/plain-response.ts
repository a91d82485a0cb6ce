import { stream } from '../builtin.ts';

/** What can be streamed: chunks of bytes, or of text. */
export type ByteSource = AsyncIterable<Uint8Array | string>;

/** A response that needs no class of the standard to be sent. */
export interface PlainResponse {
  readonly status: number;
  readonly statusText: string;
  /** Name, value, name, value …; names in lower case, `content-type` of a text included. */
  readonly headers: readonly string[];
  readonly body: string | Uint8Array | ByteSource | ReadableStream<Uint8Array> | null;
}

const headerName = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/u;
/** Of a header's value and of the reason phrase (RFC 9110, section 5.5): no control characters. */
const fieldText = /^[\t\x20-\x7e\x80-\xff]*$/u;
const withoutBody = new Set([204, 205, 304]);

/** Undefined whenever the standard would change something, or refuse. */
export function tryMakePlain(
  body: unknown,
  init: ResponseInit | null | undefined,
  contentType: string | undefined = defaultType(body),
): PlainResponse | undefined {
  if (init != null && typeof init !== 'object') {
    return undefined;
  }
  const options = init ?? {};
  const plainBody = tryTakeBody(body);
  const headers = tryFlatten(options.headers, contentType);
  const { status = 200, statusText = '' } = options;
  if (plainBody === undefined || headers === undefined || !isPlainLine(status, statusText, plainBody !== null)) {
    return undefined;
  }
  return { status, statusText, headers, body: plainBody };
}

function defaultType(body: unknown): string | undefined {
  return typeof body === 'string' ? 'text/plain;charset=UTF-8' : undefined;
}

function isPlainLine(status: unknown, statusText: unknown, hasBody: boolean): boolean {
  if (typeof status !== 'number' || !Number.isInteger(status) || status < 200 || status > 599) {
    return false;
  }
  return typeof statusText === 'string' && fieldText.test(statusText) && !(hasBody && withoutBody.has(status));
}

function tryTakeBody(body: unknown): PlainResponse['body'] | undefined {
  if (body == null) {
    return null;
  }
  if (typeof body === 'string') {
    return body.isWellFormed() ? body : undefined;
  }
  if (body instanceof Uint8Array) {
    return new Uint8Array(body); // A copy, by the standard: the caller may go on using its own.
  }
  if (isStream(body)) {
    return !body.locked && !stream.Readable.isDisturbed(body) ? body : undefined;
  }
  return typeof body === 'object' && Symbol.asyncIterator in body ? (body as ByteSource) : undefined;
}

/** By its tag: naming the class would load it. */
export function isStream(value: unknown): value is ReadableStream<Uint8Array> {
  return Object.prototype.toString.call(value) === '[object ReadableStream]';
}

function tryFlatten(headers: unknown, contentType: string | undefined): string[] | undefined {
  const flat = tryFlattenInit(headers);
  if (flat !== undefined && contentType !== undefined && !namesOf(flat).includes('content-type')) {
    flat.push('content-type', contentType);
  }
  return flat;
}

function tryFlattenInit(headers: unknown): string[] | undefined {
  if (headers === undefined) {
    return [];
  }
  if (typeof headers !== 'object' || headers === null) {
    return undefined;
  }
  if (Symbol.iterator in headers) {
    const pairs = headers as Iterable<unknown>;
    // What can be read only once is left for Node's class to read.
    return (pairs[Symbol.iterator]() as unknown) === headers ? undefined : tryFlattenPairs(pairs);
  }
  const flat = tryFlattenPairs(Object.entries(headers));
  const names = namesOf(flat ?? []);
  // Of a record the standard combines names that differ in case only.
  return new Set(names).size === names.length ? flat : undefined;
}

function tryFlattenPairs(pairs: Iterable<unknown>): string[] | undefined {
  const flat: string[] = [];
  for (const pair of pairs) {
    const [name, value] = Array.isArray(pair) && pair.length === 2 ? (pair as unknown[]) : [];
    if (!isPlainHeader(name, value)) {
      return undefined;
    }
    flat.push(name.toLowerCase(), String(value));
  }
  return flat;
}

function isPlainHeader(name: unknown, value: unknown): name is string {
  if (typeof name !== 'string' || !headerName.test(name)) {
    return false;
  }
  const text = typeof value === 'number' ? String(value) : value;
  return typeof text === 'string' && fieldText.test(text) && text.trim() === text;
}

function namesOf(flat: readonly string[]): string[] {
  return flat.filter((_, index) => index % 2 === 0);
}
