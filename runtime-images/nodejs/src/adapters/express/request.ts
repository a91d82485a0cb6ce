import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { http } from '../../builtin.ts';
import { mediaType, parseBody } from '../body.ts';
import { parseQuery, splitTarget } from '../target.ts';

/** What of Express a function gets whose framework was built on it; made by `toExpressRequest`, never constructed. */
export class ExpressRequest extends http.IncomingMessage {
  /** As its type says (`parseBody`); an empty object when there is none. */
  declare body: unknown;
  /** Undefined when there is none. */
  declare rawBody: Buffer | undefined;
  /** So that a body-parser of the function's own does not wait for a body that was read already. */
  declare _body: boolean;
  declare originalUrl: string;
  declare baseUrl: string;
  declare params: Readonly<Record<string, string>>;

  get path(): string {
    return splitTarget(this.url).path;
  }

  get query(): ReturnType<typeof parseQuery> {
    return parseQuery(splitTarget(this.url).search);
  }

  get protocol(): string {
    return firstOf(this.headers['x-forwarded-proto']) ?? 'http';
  }

  get secure(): boolean {
    return this.protocol === 'https';
  }

  get hostname(): string {
    return (firstOf(this.headers['x-forwarded-host']) ?? this.headers.host ?? '').replace(/:\d+$/u, '');
  }

  get ip(): string {
    return firstOf(this.headers['x-forwarded-for']) ?? this.socket.remoteAddress ?? '';
  }

  get ips(): readonly string[] {
    const addresses = String(this.headers['x-forwarded-for'] ?? '').split(',');
    return addresses.map((address) => address.trim()).filter((address) => address !== '');
  }

  get xhr(): boolean {
    return this.headers['x-requested-with'] === 'XMLHttpRequest';
  }

  get(name: string): string | string[] | undefined {
    const lower = name.toLowerCase();
    return this.headers[lower === 'referrer' ? 'referer' : lower];
  }

  header(name: string): string | string[] | undefined {
    return this.get(name);
  }

  /** The type that was asked for and fits, such as `json` or `application/json`; `*` stands for anything. */
  is(...types: (string | readonly string[])[]): string | false {
    const actual = mediaType(this.headers['content-type']);
    return types.flat().find((type) => fits(actual, type)) ?? false;
  }
}

/** Makes `request` Express's; everything of node:http stays. */
export function toExpressRequest(request: IncomingMessage, body: Buffer): ExpressRequest {
  const made = Object.setPrototypeOf(request, ExpressRequest.prototype) as ExpressRequest;
  made.body = body.length === 0 ? {} : parseBody(body, request.headers['content-type']);
  made.rawBody = body.length === 0 ? undefined : body;
  made._body = true;
  made.originalUrl = request.url ?? '/';
  made.baseUrl = '';
  made.params = { 0: splitTarget(request.url).path.slice(1) };
  return made;
}

function firstOf(value: IncomingHttpHeaders[string]): string | undefined {
  const first = String(value ?? '')
    .split(',', 1)[0]
    ?.trim();
  return first === '' ? undefined : first;
}

function fits(actual: string, type: string): boolean {
  if (!type.includes('/')) {
    return (
      actual.endsWith(`/${type}`) || actual.endsWith(`+${type}`) || (type === 'urlencoded' && fits(actual, formType))
    );
  }
  const [major = '', minor] = type.toLowerCase().split('/', 2);
  if (minor !== '*') {
    return actual === type.toLowerCase();
  }
  return major === '*' ? actual !== '' : actual.startsWith(`${major}/`);
}

const formType = 'application/x-www-form-urlencoded';
