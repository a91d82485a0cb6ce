import type { IncomingMessage } from 'node:http';
import { stream } from '../builtin.ts';
import { LazyHeaders } from './headers.ts';
import { native } from './native.ts';
import { makeBodyStream, readAll } from './request-body.ts';

/** Parts of a Request that are read off the connection only when they are asked for. */
export interface RequestSource {
  readonly message: IncomingMessage;
  readonly url: string;
  readonly signal: () => AbortSignal;
}

/**
 * The `Request` a handler gets. Method, URL, headers, signal and the body as text, JSON or bytes need none of Node's Fetch
 * classes; the rest is answered by one of those, made when it is needed. Web code sees no difference: `instanceof`,
 * `new Request(request)` and `fetch(request)` know it (`install.ts`).
 */
export class LazyRequest {
  readonly #source: RequestSource;
  #headers: LazyHeaders | undefined;
  #stream: ReadableStream<Uint8Array<ArrayBuffer>> | undefined;
  #isRead = false;
  #native: Request | undefined;

  constructor(source: RequestSource) {
    this.#source = source;
  }

  get [Symbol.toStringTag](): string {
    return 'Request';
  }

  get method(): string {
    return this.#source.message.method ?? 'GET';
  }

  get url(): string {
    return this.#source.url;
  }

  get headers(): LazyHeaders {
    this.#headers ??= new LazyHeaders(this.#source.message);
    return this.#headers;
  }

  get signal(): AbortSignal {
    return this.#source.signal();
  }

  get body(): ReadableStream<Uint8Array<ArrayBuffer>> | null {
    if (this.#native !== undefined) {
      return this.#native.body;
    }
    if (!hasBody(this.#source.message)) {
      return null;
    }
    this.#stream ??= this.#isRead ? makeReadStream() : makeBodyStream(this.#source.message);
    return this.#stream;
  }

  get bodyUsed(): boolean {
    if (this.#native !== undefined) {
      return this.#native.bodyUsed;
    }
    return this.#isRead || (this.#stream !== undefined && stream.Readable.isDisturbed(this.#stream));
  }

  async text(): Promise<string> {
    // As the standard decodes: UTF-8, a byte order mark dropped, what is not UTF-8 replaced.
    return this.#isSimple() ? new TextDecoder().decode(await this.#readAll()) : this.toNative().text();
  }

  async json(): Promise<unknown> {
    return JSON.parse(await this.text()) as unknown;
  }

  async bytes(): Promise<Uint8Array> {
    return new Uint8Array(await this.arrayBuffer());
  }

  async arrayBuffer(): Promise<ArrayBuffer> {
    return this.#isSimple() ? new Uint8Array(await this.#readAll()).buffer : this.toNative().arrayBuffer();
  }

  async blob(): Promise<Blob> {
    return this.toNative().blob();
  }

  async formData(): Promise<FormData> {
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- whether to use it is the function's choice
    return this.toNative().formData();
  }

  clone(): Request {
    return this.toNative().clone();
  }

  // What every incoming request has by the standard; no need to ask.
  get cache(): string {
    return 'default';
  }
  get credentials(): string {
    return 'same-origin';
  }
  get destination(): string {
    return '';
  }
  get duplex(): string {
    return 'half';
  }
  get integrity(): string {
    return '';
  }
  get keepalive(): boolean {
    return false;
  }
  get mode(): string {
    return 'cors';
  }
  get redirect(): string {
    return 'follow';
  }
  get referrer(): string {
    return 'about:client';
  }
  get referrerPolicy(): string {
    return '';
  }

  /** The same request as one of Node's own class; it shares body, headers and signal with this one. */
  toNative(): Request {
    if (this.#native === undefined) {
      this.#native = new (native.load().Request)(this.url, {
        method: this.method,
        headers: [...this.headers],
        body: this.body,
        duplex: 'half',
        signal: this.signal,
      });
      this.headers.shareWith(this.#native);
    }
    return this.#native;
  }

  [Symbol.for('nodejs.util.inspect.custom')](): unknown {
    return { method: this.method, url: this.url, headers: Object.fromEntries(this.headers) };
  }

  /** Nobody has touched the body, so that it can be taken from the connection directly. */
  #isSimple(): boolean {
    return !this.#isRead && this.#stream === undefined && this.#native === undefined;
  }

  async #readAll(): Promise<Buffer> {
    if (!hasBody(this.#source.message)) {
      return Buffer.alloc(0);
    }
    this.#isRead = true;
    return readAll(this.#source.message);
  }
}

/** RFC 9112, section 6.3. The standard gives GET and HEAD no body, whatever was sent. */
function hasBody(message: IncomingMessage): boolean {
  const { 'content-length': length, 'transfer-encoding': encoding } = message.headers;
  const isSent = encoding !== undefined || (length !== undefined && length !== '0');
  return isSent && message.method !== 'GET' && message.method !== 'HEAD';
}

/** What `body` is after `text()`: a stream that was read to its end, which whoever reads again is told. */
function makeReadStream(): ReadableStream<Uint8Array<ArrayBuffer>> {
  const read = new ReadableStream<Uint8Array<ArrayBuffer>>({ type: 'bytes' });
  void read.cancel();
  return read;
}
