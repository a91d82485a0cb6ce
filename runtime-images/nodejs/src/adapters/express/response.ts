import type { ServerResponse } from 'node:http';
import { http } from '../../builtin.ts';
import { serializeCookie } from './cookie.ts';
import type { CookieOptions } from './cookie.ts';

/** By their names and the endings of files. */
const types: Readonly<Record<string, string>> = {
  html: 'text/html',
  text: 'text/plain',
  txt: 'text/plain',
  css: 'text/css',
  csv: 'text/csv',
  js: 'text/javascript',
  json: 'application/json',
  xml: 'application/xml',
  form: 'application/x-www-form-urlencoded',
  bin: 'application/octet-stream',
  pdf: 'application/pdf',
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  svg: 'image/svg+xml',
  webp: 'image/webp',
};

type HeaderValue = string | number | readonly string[];

/** What of Express a function gets whose framework was built on it; made by `toExpressResponse`, never constructed. */
export class ExpressResponse extends http.ServerResponse {
  /** For the function's own use. */
  declare locals: Record<string, unknown>;

  status(code: number): this {
    this.statusCode = code;
    return this;
  }

  sendStatus(code: number): this {
    return this.status(code)
      .type('txt')
      .send(http.STATUS_CODES[code] ?? String(code));
  }

  set(field: string | Readonly<Record<string, HeaderValue>>, value?: HeaderValue): this {
    if (typeof field !== 'string') {
      for (const [name, one] of Object.entries(field)) {
        this.set(name, one);
      }
      return this;
    }
    const text = Array.isArray(value) ? value.map(String) : String(value);
    this.setHeader(field, field.toLowerCase() === 'content-type' ? withCharset(String(text)) : text);
    return this;
  }

  header(field: string | Readonly<Record<string, HeaderValue>>, value?: HeaderValue): this {
    return this.set(field, value);
  }

  get(field: string): ReturnType<ServerResponse['getHeader']> {
    return this.getHeader(field);
  }

  append(field: string, value: string | readonly string[]): this {
    this.appendHeader(field, value);
    return this;
  }

  vary(field: string): this {
    return this.append('vary', field);
  }

  type(name: string): this {
    const type = name.includes('/') ? name : types[name.replace(/^.*\./u, '').toLowerCase()];
    return this.set('content-type', type ?? 'application/octet-stream');
  }

  contentType(name: string): this {
    return this.type(name);
  }

  location(url: string): this {
    return this.set('location', encodeURI(url).replaceAll(/%25([0-9a-f]{2})/giu, '%$1'));
  }

  redirect(...target: [url: string] | [status: number, url: string]): this {
    const [status, url] = target.length === 1 ? [302, target[0]] : target;
    this.location(url).status(status).type('txt');
    return this.send(`${http.STATUS_CODES[status] ?? String(status)}. Redirecting to ${url}`);
  }

  cookie(name: string, value: unknown, options: CookieOptions = {}): this {
    return this.append('set-cookie', serializeCookie(name, value, { options, now: Date.now() }));
  }

  clearCookie(name: string, options: CookieOptions = {}): this {
    const { maxAge: _, ...rest } = options;
    return this.cookie(name, '', { ...rest, expires: new Date(1) });
  }

  json(value: unknown): this {
    if (!this.hasHeader('content-type')) {
      this.type('json');
    }
    finish(this, Buffer.from((JSON.stringify(value) as string | undefined) ?? ''));
    return this;
  }

  /** Text as HTML, bytes as they are, everything else as JSON, where no type was set. */
  send(value?: unknown): this {
    if (value === undefined || value === null) {
      finish(this, Buffer.alloc(0));
      return this;
    }
    if (typeof value !== 'string' && !(value instanceof Uint8Array)) {
      return this.json(value);
    }
    if (!this.hasHeader('content-type')) {
      this.type(typeof value === 'string' ? 'html' : 'bin');
    }
    finish(this, Buffer.from(value as string));
    return this;
  }
}

/** Makes `response` Express's; everything of node:http stays. */
export function toExpressResponse(response: ServerResponse): ExpressResponse {
  const made = Object.setPrototypeOf(response, ExpressResponse.prototype) as ExpressResponse;
  made.locals = {};
  return made;
}

function withCharset(type: string): string {
  const isText = /^(?:text\/|application\/(?:json|javascript)\b)/iu.test(type);
  return isText && !/;\s*charset\s*=/iu.test(type) ? `${type}; charset=utf-8` : type;
}

/** No method: an object that was made one of the class has none of its private members. */
function finish(response: ExpressResponse, body: Buffer): void {
  if (response.statusCode === 204 || response.statusCode === 304) {
    response.removeHeader('content-type');
    response.end();
    return;
  }
  response.setHeader('content-length', body.length);
  response.end(body);
}
