import type { ServerResponse } from 'node:http';
import { stream } from '../../builtin.ts';
import { takePrelude } from './global.ts';
import type { Prelude } from './global.ts';
import { headersOfPrelude, statusOf } from './result.ts';

type Done = (error?: Error | null) => void;

/**
 * The `responseStream` of a streaming handler. The head goes out with the first byte, or with the end of an empty body; until
 * then a failure can still be answered as such. A write is done when the connection took it.
 */
export class ResponseStream extends stream.Writable {
  readonly #response: ServerResponse;
  #prelude: Prelude = { headers: { 'content-type': 'application/octet-stream' } };

  constructor(response: ServerResponse) {
    super({ decodeStrings: true });
    this.#response = response;
    // A client that leaves is no failure of the function; whoever waits for the stream is told so by its error.
    this.on('error', () => undefined);
    response.once('close', () => {
      if (!response.writableFinished) {
        this.destroy(clientLeft());
      }
    });
  }

  setContentType(type: string): void {
    this.#prelude = { headers: { 'content-type': type } };
  }

  [takePrelude](prelude: Prelude): void {
    this.#prelude = prelude;
  }

  /** @throws what `write` of a stream throws; an object is written as its JSON, as on Lambda */
  override write(chunk: unknown, ...rest: never[]): boolean {
    const isPlain = typeof chunk === 'string' || chunk instanceof Uint8Array;
    return super.write(isPlain ? chunk : JSON.stringify(chunk), ...rest);
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: Done): void {
    this.#writing(done, (taken) => this.#response.write(chunk, taken));
  }

  override _final(done: Done): void {
    this.#writing(done, (taken) => this.#response.end(taken));
  }

  #writing(done: Done, write: (taken: Done) => unknown): void {
    try {
      this.#sendHead();
    } catch (error) {
      done(error as Error);
      return;
    }
    // Nothing but a connection that is gone can refuse it.
    write((error) => {
      done(error instanceof Error ? clientLeft() : null);
    });
  }

  /** @throws Error for a head that HTTP does not have */
  #sendHead(): void {
    if (!this.#response.headersSent) {
      this.#response.writeHead(statusOf(this.#prelude), headersOfPrelude(this.#prelude).flat());
    }
  }
}

function clientLeft(): Error {
  return new DOMException('the client closed the connection', 'AbortError');
}

/** Resolves when all of it was taken. @throws what the stream failed with, AbortError when the client left */
export async function finished(responseStream: ResponseStream): Promise<void> {
  await stream.promises.finished(responseStream);
}
