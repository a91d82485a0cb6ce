import { http } from '../builtin.ts';

/** A body is larger than the runtime takes. Frameworks read what to answer from `status`, or `statusCode`. */
export class BodyTooLarge extends Error {
  override readonly name = 'BodyTooLarge';
  readonly code = 'ERR_BODY_TOO_LARGE';
  readonly status = 413;
  readonly statusCode = 413;

  constructor(maxBytes: number) {
    super(`the body has more than the ${maxBytes} bytes that are allowed`);
  }
}

/** A request that counts what is sent of its body, and says what happens to the rest. */
export class LimitedMessage extends http.IncomingMessage {
  #received = 0;
  #most = Infinity;
  #isDropping = false;
  #onTooLarge: (() => void) | undefined;
  #ask: (() => void) | undefined;
  #onOver: (() => void) | undefined;

  /** More than the limit was announced, or sent. */
  get isTooLarge(): boolean {
    return this.#received > this.#most || Number(this.headers['content-length'] ?? 0) > this.#most;
  }

  /** Somebody takes the body, or waits for more of it. */
  get isBeingRead(): boolean {
    return this.listenerCount('data') + this.listenerCount('readable') > 0;
  }

  /** {@link discard} was called, and more is to come. */
  get isDiscarded(): boolean {
    return this.#onOver !== undefined;
  }

  /**
   * Drops what passes `maxBytes`, and calls `onTooLarge` when something does. Has to be called in the turn in which the
   * request comes.
   */
  limitBody(maxBytes: number, onTooLarge: () => void): void {
    this.#most = maxBytes;
    this.#onTooLarge = onTooLarge;
  }

  /** Calls `ask` when somebody starts to read: until then the client does not send. */
  askForBody(ask: () => void): void {
    this.#ask = ask;
  }

  /** Reads on, for nobody, and calls `onOver` when the client has sent all of it. */
  discard(onOver: () => void): void {
    this.#isDropping = true;
    if (this.complete) {
      onOver();
      return;
    }
    this.#onOver = onOver;
    this.resume();
  }

  /** Node's parser hands over each part of the body here, then null. False makes it stop reading the connection. */
  override push(chunk: Buffer | null, encoding?: BufferEncoding): boolean {
    if (chunk === null) {
      this.#onOver?.();
      return super.push(null);
    }
    if (this.#isDropping) {
      return true;
    }
    this.#received += chunk.length;
    if (this.#received <= this.#most) {
      return super.push(chunk, encoding);
    }
    this.#isDropping = true;
    this.#onTooLarge?.();
    return true;
  }

  override _read(size: number): void {
    const ask = this.#ask;
    this.#ask = undefined;
    ask?.();
    super._read(size);
  }

  /** Unlike every other failure this one leaves the connection alone: there is an answer to come. */
  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    if (error instanceof BodyTooLarge) {
      // As Node does it: an error event that nobody listens for would be one that nothing caught.
      callback(this.listenerCount('error') > 0 ? error : null);
    } else {
      super._destroy(error, callback);
    }
  }
}
