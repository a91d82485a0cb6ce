import type { ServerResponse } from 'node:http';
import { isStream } from '../web/plain-response.ts';
import type { ByteSource } from '../web/plain-response.ts';

interface Source {
  next(): Promise<IteratorResult<Uint8Array | string, unknown>>;
  /** Tells the producer that nobody reads any more. */
  cancel(reason: Error): Promise<unknown>;
}

/**
 * Writes `body` as it comes. Waits while the client reads slower than the function writes; cancels the body when the client
 * leaves.
 *
 * @throws what the body throws, or TypeError when it has not the `promised` number of bytes, which would break the
 * connection's framing; the answer is incomplete then and must not be ended
 */
export async function sendStream(
  response: ServerResponse,
  body: ReadableStream<Uint8Array> | ByteSource,
  promised: number | undefined,
): Promise<void> {
  const source = isStream(body) ? readerOf(body) : iteratorOf(body);
  if (response.req.method === 'HEAD' || response.closed) {
    response.end();
    await source.cancel(new DOMException('nobody reads the body', 'AbortError'));
    return;
  }
  // Whoever streams wants its head to be seen at once, before there is a first byte.
  response.flushHeaders();
  const cancel = (): void => {
    if (!response.writableEnded) {
      // Whoever produces may fail while it is being stopped; there is nobody left to tell.
      source.cancel(new DOMException('the client closed the connection', 'AbortError')).catch(() => undefined);
    }
  };
  response.once('close', cancel);
  try {
    await pump(source, response, promised);
  } catch (error) {
    await source.cancel(error as Error).catch(() => undefined);
    throw error;
  } finally {
    response.off('close', cancel);
  }
}

async function pump(source: Source, response: ServerResponse, promised: number | undefined): Promise<void> {
  let sent = 0;
  for (;;) {
    const { done, value } = await source.next();
    if (response.closed) {
      return;
    }
    if (done === true) {
      checkLength(sent === promised, promised, sent);
      response.end();
      return;
    }
    const chunk = asBytes(value);
    sent += Buffer.byteLength(chunk);
    checkLength(sent <= (promised ?? sent), promised, sent);
    if (!response.write(chunk)) {
      await writable(response);
    }
  }
}

function checkLength(isRight: boolean, promised: number | undefined, sent: number): void {
  if (promised !== undefined && !isRight) {
    throw new TypeError(
      `the content-length is ${promised}, but the body has ${sent < promised ? 'only ' : ''}${sent} bytes`,
    );
  }
}

function asBytes(chunk: unknown): Uint8Array | string {
  if (typeof chunk === 'string' || chunk instanceof Uint8Array) {
    return chunk;
  }
  throw new TypeError(`the body's chunks must be Uint8Array or string, not ${typeof chunk}`);
}

async function writable(response: ServerResponse): Promise<void> {
  if (response.closed) {
    return;
  }
  const { promise, resolve } = Promise.withResolvers<void>();
  const proceed = (): void => {
    response.off('drain', proceed);
    response.off('close', proceed);
    resolve();
  };
  response.once('drain', proceed);
  response.once('close', proceed);
  await promise;
}

function readerOf(stream: ReadableStream<Uint8Array>): Source {
  const reader = stream.getReader();
  return {
    next: async () => reader.read(),
    cancel: async (reason) => reader.cancel(reason),
  };
}

function iteratorOf(iterable: ByteSource): Source {
  const iterator = iterable[Symbol.asyncIterator]();
  return { next: async () => iterator.next(), cancel: async () => iterator.return?.() };
}
