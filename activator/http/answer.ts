import type { ServerResponse } from 'node:http';
import { STATUS_CODES } from '../../lib/http/node-http.ts';
import type { Exchange } from './exchange.ts';
import { type FlowsObserver, startFlow } from './flow.ts';
import { makeResponseHeaders, pairs, type RawHeaders, renderHead, valuesOf } from './headers.ts';
import { renderServerTiming } from './server-timing.ts';
import type { UpstreamAnswer } from './upstream.ts';

/** The headers of the function's answer as the client gets them, those of a cold start with its phases. */
export function makeAnswerHeaders(exchange: Exchange, raw: RawHeaders, keepsTrailers: boolean): string[] {
  const headers = makeResponseHeaders(raw, keepsTrailers);
  if (exchange.phases !== undefined) {
    headers.push('Server-Timing', renderServerTiming(exchange.phases));
  }
  return headers;
}

/**
 * Passes an answer on to the client as it comes. Resolves when the replica has sent all of it; what the client has yet
 * to take of it is in the buffers of its connection.
 * @throws the error of the replica's connection when the answer broke off, and the reason for which the exchange did.
 */
export async function passOn(exchange: Exchange, answer: UpstreamAnswer, observer: FlowsObserver): Promise<void> {
  const { response, signal } = exchange;
  const { body } = answer;
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  const keepsTrailers = isChunked(exchange, answer);
  const stop = startFlow(body, response, {
    ...observer.flows.flowOf(exchange),
    onChunk: (bytes) => {
      exchange.responseBytes += bytes;
      observer.onChunk();
    },
  });
  const finish = (): void => {
    stop();
    if (keepsTrailers) {
      response.addTrailers(pairs(answer.trailers()));
    }
    response.end();
    resolve(undefined);
  };
  const fail = (error: unknown): void => {
    stop();
    // An end that is on its way would pass for the end of the answer.
    body.off('end', finish).destroy();
    reject(error);
  };
  // Also when the replica is long done: what is left may be in our buffers, and its connection has nothing to tell any more.
  const abort = (): void => {
    fail(signal.reason);
  };
  body
    .once('end', finish)
    .on('error', fail)
    .once('close', () => {
      fail(new Error('the replica broke off its answer'));
    });
  signal.addEventListener('abort', abort, { once: true });
  try {
    signal.throwIfAborted();
    sendHead(response, answer, makeAnswerHeaders(exchange, answer.headers, keepsTrailers));
  } catch (error) {
    fail(error);
  }
  try {
    await promise;
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

/**
 * Passes on what a replica says before its answer, to a client that can take it now: it is advice, of which nothing is kept for
 * one that reads slowly or has yet to get the answer to an earlier request.
 */
export function passOnInterim({ request, response }: Exchange, status: number, raw: RawHeaders): void {
  const { socket } = response;
  // 100 is our own word to the client; and HTTP/1.0 has none of these.
  if (status === 100 || request.httpVersionMinor === 0 || socket === null || response.headersSent) {
    return;
  }
  if (socket.writable && !socket.writableNeedDrain) {
    // Node has a method for it since 26.2 only.
    socket.write(renderHead(status, STATUS_CODES[status] ?? '', makeResponseHeaders(raw, false)), 'latin1');
  }
}

/** Only between chunks there is a place for trailers. */
function isChunked({ request }: Exchange, { status, headers }: UpstreamAnswer): boolean {
  const hasBody = request.method !== 'HEAD' && status !== 204 && status !== 304;
  return hasBody && request.httpVersionMinor === 1 && valuesOf(headers, 'content-length').length === 0;
}

/** At once, since the first byte of the body may take its time; in one write with the body where that is there already. */
function sendHead(response: ServerResponse, answer: UpstreamAnswer, headers: string[]): void {
  const { socket } = response;
  response.writeHead(answer.status, answer.statusText, headers);
  socket?.cork();
  response.flushHeaders();
  // What came with the head is read in the next turn of the tick queue; its end, if it came too, is told in the one after.
  process.nextTick(() => {
    process.nextTick(() => socket?.uncork());
  });
}
