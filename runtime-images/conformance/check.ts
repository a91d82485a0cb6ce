import { request as sendRequest } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import { isDeepStrictEqual } from 'node:util';

/** One line of `cases.json`. */
export interface Case {
  readonly name: string;
  readonly request: {
    readonly method?: string;
    readonly path: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: string;
    /** A body of so many bytes, instead of `body`. */
    readonly bodyBytes?: number;
  };
  readonly want: {
    readonly status: number;
    /** null: absent. A list: so many headers of that name. */
    readonly headers?: Readonly<Record<string, string | readonly string[] | null>>;
    readonly text?: string;
    readonly bytes?: number;
    /** Members that the body has among others. */
    readonly json?: Readonly<Record<string, unknown>>;
    readonly notText?: string;
  };
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Sends the request of one case to `baseUrl`. What differs from the case, one sentence each; none when it passed. */
export async function check(baseUrl: string, { request, want }: Case): Promise<string[]> {
  const answer = await send(baseUrl, request);
  const text = answer.body.toString();
  return [
    ...differences('status', answer.status, want.status),
    ...Object.entries(want.headers ?? {}).flatMap(([name, value]) =>
      differences(`header ${name}`, answer.headers[name] ?? null, value),
    ),
    ...(want.text === undefined ? [] : differences('body', text, want.text)),
    ...(want.bytes === undefined ? [] : differences('length of the body', answer.body.length, want.bytes)),
    ...(want.notText !== undefined && text.includes(want.notText) ? [`the body contains '${want.notText}'`] : []),
    ...(want.json === undefined ? [] : jsonDifferences(text, want.json)),
  ];
}

function jsonDifferences(text: string, want: Readonly<Record<string, unknown>>): string[] {
  let got: Readonly<Record<string, unknown>>;
  try {
    got = JSON.parse(text) as typeof got;
  } catch {
    return [`the body is no JSON: ${text.slice(0, 200)}`];
  }
  return Object.entries(want).flatMap(([key, value]) => differences(`body.${key}`, got[key], value));
}

function differences(what: string, got: unknown, want: unknown): string[] {
  return isDeepStrictEqual(got, want) ? [] : [`${what} is ${JSON.stringify(got)}, not ${JSON.stringify(want)}`];
}

async function send(
  baseUrl: string,
  { method = 'GET', path, headers = {}, body, bodyBytes }: Case['request'],
): Promise<Answer> {
  const bytes = bodyBytes === undefined ? Buffer.from(body ?? '') : Buffer.alloc(bodyBytes, 'x');
  const isChunked = headers['transfer-encoding'] === 'chunked';
  const length = bytes.length > 0 && !isChunked ? { 'content-length': String(bytes.length) } : {};
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  // The path as it stands: a URL object would tidy it up.
  const { hostname, port } = new URL(baseUrl);
  const options = { hostname, port, path, method, headers: { ...headers, ...length }, agent: false as const };
  const outgoing = sendRequest(options, (response) => {
    const chunks: Buffer[] = [];
    response.on('data', (chunk: Buffer) => chunks.push(chunk));
    response.on('error', reject);
    response.on('end', () => {
      resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) });
    });
  });
  outgoing.on('error', reject);
  outgoing.end(bytes);
  return promise;
}
