import { once } from 'node:events';
import { request as sendRequest } from 'node:http';
import type { Agent, ClientRequest, IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Request, Step } from './case.ts';

/** What came of a request. */
export interface Answer {
  /** 0: none came. */
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly trailers: NodeJS.Dict<string>;
  readonly interim: readonly { readonly status: number; readonly headers: IncomingHttpHeaders }[];
  readonly end: 'whole' | 'cut off' | 'refused' | 'left' | 'timed out';
  readonly isReused: boolean;
  /** Bytes of the body that the connection took, where that was to be seen. */
  readonly taken: number;
}

export interface Client {
  readonly baseUrl: string;
  readonly agent: Agent;
}

const patienceMs = 10_000;
/** A connection that took nothing for so long is held back. */
const stillMs = 500;

const nothing: Answer = {
  status: 0,
  headers: {},
  body: Buffer.alloc(0),
  trailers: {},
  interim: [],
  end: 'cut off',
  isReused: false,
  taken: 0,
};

/** Sends the request of one step; `meanwhile` runs when the head of the answer is there and nothing of its body was read. */
export async function exchange(client: Client, step: Step, meanwhile: () => Promise<void>): Promise<Answer> {
  if (step.request.raw !== undefined) {
    return exchangeRaw(client, step.request.raw);
  }
  const outgoing = open(client, step.request);
  const interim: Answer['interim'][number][] = [];
  outgoing.on('information', ({ statusCode, headers }) => interim.push({ status: statusCode, headers }));
  const head = new Promise<Head>((resolve) => {
    outgoing.on('response', resolve);
    outgoing.on('error', (error: NodeJS.ErrnoException) => {
      resolve(error.code === 'ECONNREFUSED' ? 'refused' : 'cut off');
    });
  });
  if (step.want.takesAtMost !== undefined) {
    const taken = await pour(outgoing, step.request.bodyBytes ?? 0);
    const came = await Promise.race([head, sleep(0, 'left' as const)]);
    outgoing.destroy();
    return { ...nothing, end: typeof came === 'string' ? came : 'whole', taken };
  }
  sendBody(outgoing, step.request);
  const answered = await Promise.race([head, ...limits(step)]);
  if (typeof answered === 'string') {
    outgoing.destroy();
    return { ...nothing, end: answered, interim };
  }
  await meanwhile();
  if (step.leaves !== undefined) {
    outgoing.destroy();
  }
  const end = step.leaves === undefined ? undefined : 'left';
  const answer = await read(answered, end);
  if (!outgoing.writableFinished) {
    outgoing.destroy();
  }
  return { ...answer, interim, isReused: outgoing.reusedSocket };
}

type Head = IncomingMessage | 'refused' | 'cut off';

function limits({ leaves }: Step): Promise<'left' | 'timed out'>[] {
  const within = async <T>(ms: number, what: T): Promise<T> => sleep(ms, what, { ref: false });
  return [within(patienceMs, 'timed out'), ...(typeof leaves === 'number' ? [within(leaves, 'left' as const)] : [])];
}

function open({ baseUrl, agent }: Client, request: Request): ClientRequest {
  const { method = 'GET', path, headers = {}, headerBytes = 0 } = request;
  const length = bodyOf(request).length;
  const isChunked = headers['transfer-encoding'] === 'chunked';
  const hasOwn = headers['content-length'] !== undefined;
  const framing = length > 0 && !isChunked && !hasOwn ? { 'content-length': String(length) } : {};
  const long = headerBytes > 0 ? { 'x-long': 'x'.repeat(headerBytes) } : {};
  // The path as it stands: a URL object would tidy it up.
  const { hostname, port } = new URL(baseUrl);
  return sendRequest({ hostname, port, path, method, headers: { ...headers, ...framing, ...long }, agent });
}

function bodyOf({ body = '', bodyBytes }: Request): Buffer {
  return bodyBytes === undefined ? Buffer.from(body) : Buffer.alloc(bodyBytes, 'x');
}

function sendBody(outgoing: ClientRequest, request: Request): void {
  const send = (): void => {
    outgoing.write(bodyOf(request));
    outgoing.addTrailers(request.trailers ?? {});
    outgoing.end();
  };
  if (request.headers?.['expect'] !== undefined) {
    outgoing.once('continue', send);
  } else if (request.headers?.['content-length'] !== undefined) {
    // A length that is announced and does not come.
    outgoing.flushHeaders();
  } else {
    send();
  }
}

/** Writes until all is written or the connection stands still. @returns the bytes that it took */
async function pour(outgoing: ClientRequest, bytes: number): Promise<number> {
  const chunk = Buffer.alloc(64 * 1024, 'x');
  for (let written = 0; written < bytes;) {
    written += chunk.length;
    if (!outgoing.write(chunk)) {
      const drained = once(outgoing, 'drain').then(
        () => true,
        () => false,
      );
      if (!(await Promise.race([drained, sleep(stillMs, false, { ref: false })]))) {
        return written - outgoing.writableLength;
      }
    }
  }
  return bytes;
}

async function read(response: IncomingMessage, end: Answer['end'] | undefined): Promise<Answer> {
  const chunks: Buffer[] = [];
  const broken = await Promise.race([
    collect(response, chunks),
    sleep(patienceMs, 'timed out' as const, { ref: false }),
  ]);
  return {
    ...nothing,
    status: response.statusCode ?? 0,
    headers: response.headers,
    body: Buffer.concat(chunks),
    trailers: response.trailers,
    end: end ?? broken,
  };
}

async function collect(response: IncomingMessage, chunks: Buffer[]): Promise<'whole' | 'cut off'> {
  try {
    for await (const chunk of response) {
      chunks.push(chunk as Buffer);
    }
    return 'whole';
  } catch {
    return 'cut off';
  }
}

/** The status of the first answer, and as its body all that came; `whole` when the runtime closed the connection. */
async function exchangeRaw({ baseUrl }: Client, raw: string): Promise<Answer> {
  const { hostname, port } = new URL(baseUrl);
  const socket = connect({ host: hostname, port: Number(port) });
  socket.write(raw, 'latin1');
  const closed = text(socket).catch(() => '');
  const came = await Promise.race([closed, sleep(patienceMs, undefined, { ref: false })]);
  socket.destroy();
  const status = Number(/^HTTP\/1\.1 ([0-9]{3}) /u.exec(came ?? '')?.[1] ?? 0);
  return { ...nothing, status, body: Buffer.from(came ?? ''), end: came === undefined ? 'timed out' : 'whole' };
}
