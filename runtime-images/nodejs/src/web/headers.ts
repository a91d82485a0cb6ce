import type { IncomingMessage } from 'node:http';
import { native } from './native.ts';

const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/u;

/**
 * The `Headers` of a request, read from what Node has parsed already. Whatever goes beyond reading becomes Node's own
 * class and stays it.
 */
export class LazyHeaders {
  readonly #source: IncomingMessage;
  #native: Headers | undefined;

  constructor(source: IncomingMessage) {
    this.#source = source;
  }

  get [Symbol.toStringTag](): string {
    return 'Headers';
  }

  get(name: string): string | null {
    return this.#isPlain(name) ? this.#combined(name.toLowerCase()) : this.toNative().get(name);
  }

  has(name: string): boolean {
    return this.#isPlain(name) ? name.toLowerCase() in this.#source.headersDistinct : this.toNative().has(name);
  }

  getSetCookie(): string[] {
    return this.#native?.getSetCookie() ?? [...(this.#source.headersDistinct['set-cookie'] ?? [])];
  }

  append(name: string, value: string): void {
    this.toNative().append(name, value);
  }

  set(name: string, value: string): void {
    this.toNative().set(name, value);
  }

  delete(name: string): void {
    this.toNative().delete(name);
  }

  forEach(callback: (value: string, name: string, headers: Headers) => void, thisArgument?: unknown): void {
    for (const [name, value] of this) {
      callback.call(thisArgument, value, name, this as unknown as Headers);
    }
  }

  *entries(): Generator<[string, string]> {
    if (this.#native !== undefined) {
      yield* this.#native.entries();
      return;
    }
    const distinct = this.#source.headersDistinct;
    for (const name of Object.keys(distinct).sort()) {
      const values = name === 'set-cookie' ? (distinct[name] ?? []) : [this.#combined(name) ?? ''];
      for (const value of values) {
        yield [name, value];
      }
    }
  }

  *keys(): Generator<string> {
    for (const [name] of this.entries()) {
      yield name;
    }
  }

  *values(): Generator<string> {
    for (const [, value] of this.entries()) {
      yield value;
    }
  }

  [Symbol.iterator](): Generator<[string, string]> {
    return this.entries();
  }

  toNative(): Headers {
    if (this.#native === undefined) {
      this.#native = new (native.load().Headers)([...this.entries()]);
    }
    return this.#native;
  }

  /** From now on these are the headers of `request`, so that a change is seen on both sides. */
  shareWith(request: Request): void {
    this.#native = request.headers;
  }

  /** Node's class also decides what to say about a name that is none. */
  #isPlain(name: string): boolean {
    return this.#native === undefined && typeof name === 'string' && token.test(name);
  }

  #combined(name: string): string | null {
    const values = this.#source.headersDistinct[name];
    // RFC 9110, section 5.3; of Cookie RFC 9113, section 8.2.3.
    return values === undefined ? null : values.join(name === 'cookie' ? '; ' : ', ');
  }
}
