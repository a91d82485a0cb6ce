import type { IncomingMessage, OutgoingMessage } from 'node:http';
import { AppError } from '../errors.ts';
import type { Exchange } from './exchange.ts';
import { type FlowsObserver, startFlow } from './flow.ts';
import { type Framing, pairs } from './headers.ts';

/** What Node reads of a body that nobody takes: one full buffer, and the read that filled it. */
const maxBufferedBytes = 128 * 1024;
/** Strings and objects that a header costs besides its characters. */
const bytesPerHeader = 64;

/** Methods of which nobody expects a body (RFC 9110, 8.6: the others say it when they have none). */
const bodiless: ReadonlySet<string> = new Set(['GET', 'HEAD', 'DELETE', 'OPTIONS', 'TRACE']);

export function framingOf({ headers, method = 'GET' }: IncomingMessage): Framing {
  if (headers['transfer-encoding'] !== undefined) {
    return 'chunked';
  }
  if (headers['content-length'] !== undefined) {
    return 'sized';
  }
  return bodiless.has(method) ? 'none' : 'empty';
}

export function hasBody(request: IncomingMessage): boolean {
  const framing = framingOf(request);
  return framing === 'chunked' || framing === 'sized';
}

/**
 * What a request holds in memory while it waits for a replica: its head, and what is read of its body before the
 * connection is paused. Nothing when the client waits for `100 Continue`.
 */
export function heldBytes({ request, expectsContinue }: Exchange): number {
  let bytes = request.url?.length ?? 0;
  for (const text of request.rawHeaders) {
    bytes += text.length + bytesPerHeader / 2;
  }
  if (expectsContinue || !hasBody(request)) {
    return bytes;
  }
  const length = request.headers['content-length'];
  return bytes + Math.min(length === undefined ? Infinity : Number(length), maxBufferedBytes);
}

export interface BodyOptions extends FlowsObserver {
  /** 0 is none. */
  readonly maxBytes: number;
}

/** @throws AppError BodyTooLarge for a body that says so itself. */
export function checkBodyLength({ request }: Exchange, maxBytes: number): void {
  if (maxBytes > 0 && Number(request.headers['content-length'] ?? 0) > maxBytes) {
    throw bodyTooLarge(maxBytes);
  }
}

/** Sends the body of a request, as it comes, and ends `sink`. @returns stops it. */
export function sendBody(exchange: Exchange, sink: OutgoingMessage, options: BodyOptions): () => void {
  const { request, response } = exchange;
  if (!hasBody(request) || exchange.upgrade !== undefined) {
    sink.end();
    return () => undefined;
  }
  // The function may answer to the head alone; the client may wait for that.
  sink.flushHeaders();
  if (exchange.expectsContinue && !exchange.isContinued) {
    exchange.isContinued = true;
    response.writeContinue();
  }
  const end = (): void => {
    if (framingOf(request) === 'chunked') {
      sink.addTrailers(pairs(request.rawTrailers));
    }
    sink.end();
  };
  const stop = startFlow(request, sink, {
    ...options.flows.flowOf(exchange),
    onChunk: (bytes) => {
      exchange.requestBytes += bytes;
      options.onChunk();
      if (options.maxBytes > 0 && exchange.requestBytes > options.maxBytes) {
        exchange.abort(bodyTooLarge(options.maxBytes));
      }
    },
  });
  if (request.readableEnded) {
    end();
  }
  request.once('end', end);
  return () => {
    request.off('end', end);
    stop();
  };
}

function bodyTooLarge(maxBytes: number): AppError {
  return new AppError('BodyTooLarge', `the body has more than the ${maxBytes} bytes that are allowed`);
}
