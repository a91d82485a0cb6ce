// Not in builtin.ts, where every function would load it.
const querystring = process.getBuiltinModule('node:querystring');

/** A request's target in its parts, as they were sent. */
export interface Target {
  readonly path: string;
  /** Without its `?`. */
  readonly search: string;
}

/** Of the origin form `/path?query`, and of the absolute form, `http://host/path?query` (RFC 9112, section 3.2). */
export function splitTarget(url = '/'): Target {
  const origin = url.replace(/^https?:\/\/[^/?]*/iu, '');
  const mark = origin.indexOf('?');
  const [path, search] = mark < 0 ? [origin, ''] : [origin.slice(0, mark), origin.slice(mark + 1)];
  return { path: path === '' ? '/' : path, search };
}

/** `a=1&a=2&b=3` as `{ a: ['1', '2'], b: '3' }`. Brackets mean nothing here: `a[b]` is a name. */
export function parseQuery(search: string): Record<string, string | string[] | undefined> {
  return { ...querystring.parse(search) };
}
