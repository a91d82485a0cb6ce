/** As `res.cookie` of Express takes them, except `signed`, which needs a secret of its middleware. */
export interface CookieOptions {
  readonly domain?: string;
  readonly encode?: (value: string) => string;
  readonly expires?: Date;
  readonly httpOnly?: boolean;
  /** Milliseconds. */
  readonly maxAge?: number;
  readonly path?: string;
  readonly sameSite?: boolean | 'lax' | 'strict' | 'none';
  readonly secure?: boolean;
}

export interface CookieFacts {
  readonly options: CookieOptions;
  /** Milliseconds since the Unix epoch. */
  readonly now: number;
}

/** The value of a `set-cookie` header (RFC 6265); an object is kept as its JSON after `j:`. */
export function serializeCookie(name: string, value: unknown, { options, now }: CookieFacts): string {
  const { encode = encodeURIComponent } = options;
  const text = typeof value === 'object' && value !== null ? `j:${JSON.stringify(value)}` : String(value);
  return [`${name}=${encode(text)}`, ...scope(options), ...lifetime(options, now), ...protection(options)].join('; ');
}

function scope({ domain, path = '/' }: CookieOptions): string[] {
  return [...(domain === undefined ? [] : [`Domain=${domain}`]), `Path=${path}`];
}

function lifetime({ maxAge, expires }: CookieOptions, now: number): string[] {
  if (maxAge !== undefined) {
    return [`Max-Age=${Math.floor(maxAge / 1000)}`, `Expires=${new Date(now + maxAge).toUTCString()}`];
  }
  return expires === undefined ? [] : [`Expires=${expires.toUTCString()}`];
}

function protection(options: CookieOptions): string[] {
  const flags = [options.httpOnly === true && 'HttpOnly', options.secure === true && 'Secure', sameSite(options)];
  return flags.filter((flag) => flag !== false);
}

function sameSite({ sameSite: value }: CookieOptions): string | false {
  if (value === undefined || value === false) {
    return false;
  }
  const name = value === true ? 'strict' : value;
  return `SameSite=${name.charAt(0).toUpperCase()}${name.slice(1)}`;
}
