import { native } from './native.ts';
import { tryMakePlain } from './plain-response.ts';
import type { PlainResponse } from './plain-response.ts';

type NativeBody = ConstructorParameters<typeof Response>[0];

/**
 * `Response` in a function. What nearly every handler does, `new Response(text, { status, headers })`, is kept
 * as it is and written to the connection directly. Everything else, every refusal included, is done by Node's own class:
 * it decides what the standard says, this one only avoids loading it (`native.ts` has the numbers).
 */
export class LazyResponse {
  #plain: PlainResponse | undefined;
  #native: Response | undefined;

  constructor(body?: unknown, init?: ResponseInit) {
    this.#plain = tryMakePlain(body, init);
    if (this.#plain === undefined) {
      this.#native = new (native.load().Response)(body as NativeBody, init);
    }
  }

  static [Symbol.hasInstance](value: unknown): boolean {
    const isOwn = Function.prototype[Symbol.hasInstance].call(this, value);
    return isOwn || (this === LazyResponse && native.loaded !== undefined && value instanceof native.loaded.Response);
  }

  static json(data: unknown, init?: ResponseInit): LazyResponse {
    const body = JSON.stringify(data) as string | undefined;
    const plain = body === undefined ? undefined : tryMakePlain(body, init, 'application/json');
    if (plain === undefined) {
      return native.load().Response.json(data, init) as unknown as LazyResponse;
    }
    const response = new LazyResponse();
    response.#plain = plain;
    return response;
  }

  static redirect(url: string | URL, status?: number): Response {
    return native.load().Response.redirect(url, status as Parameters<typeof Response.redirect>[1]);
  }

  static error(): Response {
    return native.load().Response.error();
  }

  /** Undefined for what is no LazyResponse, or has become one of Node's. */
  static plainOf(value: object): PlainResponse | undefined {
    return #plain in value ? value.#plain : undefined;
  }

  /** Undefined for what is no LazyResponse. */
  static nativeOf(value: object): Response | undefined {
    return #plain in value ? value.toNative() : undefined;
  }

  get [Symbol.toStringTag](): string {
    return 'Response';
  }

  get status(): number {
    return this.#plain?.status ?? this.toNative().status;
  }

  get ok(): boolean {
    return this.status >= 200 && this.status <= 299;
  }

  get statusText(): string {
    return this.#plain?.statusText ?? this.toNative().statusText;
  }

  get type(): Response['type'] {
    return this.#plain === undefined ? this.toNative().type : 'default';
  }

  get url(): string {
    return '';
  }

  get redirected(): boolean {
    return false;
  }

  get headers(): Headers {
    return this.toNative().headers;
  }

  get body(): ReadableStream<Uint8Array<ArrayBuffer>> | null {
    return this.#plain?.body === null ? null : this.toNative().body;
  }

  get bodyUsed(): boolean {
    return this.#plain === undefined ? this.toNative().bodyUsed : false;
  }

  async arrayBuffer(): Promise<ArrayBuffer> {
    return this.toNative().arrayBuffer();
  }

  async blob(): Promise<Blob> {
    return this.toNative().blob();
  }

  async bytes(): Promise<Uint8Array> {
    return this.toNative().bytes();
  }

  async formData(): Promise<FormData> {
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- whether to use it is the function's choice
    return this.toNative().formData();
  }

  async json(): Promise<unknown> {
    return this.toNative().json();
  }

  async text(): Promise<string> {
    return this.toNative().text();
  }

  clone(): Response {
    return this.toNative().clone();
  }

  /** This response as one of Node's own class, which it is from now on. */
  toNative(): Response {
    if (this.#native === undefined) {
      const { body, headers, ...init } = this.#plain ?? { body: null, headers: [] };
      this.#native = new (native.load().Response)(body as NativeBody, { ...init, headers: pairsOf(headers) });
      this.#plain = undefined;
    }
    return this.#native;
  }

  [Symbol.for('nodejs.util.inspect.custom')](): unknown {
    return { status: this.status, statusText: this.statusText };
  }
}

function pairsOf(flat: readonly string[]): [string, string][] {
  const pairs: [string, string][] = [];
  for (let index = 0; index < flat.length; index += 2) {
    pairs.push([flat[index] ?? '', flat[index + 1] ?? '']);
  }
  return pairs;
}
