import { afterAll, describe, expect, it } from 'vitest';
import { RuntimeProcess } from '../testing/runtime-process.ts';

/** Each test is a route; what it returns is the answer, and a throw is told by its class. */
const routes = `
  twice: async (r) => [await r.text(), r.bodyUsed, await kind(() => r.text()), await kind(() => r.clone()), r.body.locked],
  json: async (r) => r.json(),
  notJson: async (r) => kind(() => r.json()),
  bytes: async (r) => [...(await r.bytes())],
  buffer: async (r) => (await r.arrayBuffer()).byteLength,
  blob: async (r) => { const b = await r.blob(); return [b.type, await b.text()]; },
  form: async (r) => Object.fromEntries(await r.formData()),
  clone: async (r) => { const c = r.clone(); return [await c.text(), await r.text(), c instanceof Request]; },
  copy: async (r) => { const c = new Request(r, { headers: { b: '2' } }); return [c.method, c.url, c.headers.get('b'), await c.text()]; },
  change: async (r) => { r.headers.set('x-new', '1'); const c = new Request(r); return [c.headers.get('x-new'), c.headers.get('x-old')]; },
  late: async (r) => { const c = r.clone(); r.headers.set('x-new', '1'); return r.clone().headers.get('x-new'); },
  instances: async (r) => [r instanceof Request, r.headers instanceof Headers, new Response() instanceof Response,
    r instanceof Response, {} instanceof Request, new Headers(r.headers).get('x-old')],
  extend: async (r) => { class Mine extends Request {} const m = new Mine(r); return [m instanceof Mine, m instanceof Request, r instanceof Mine, await m.text()]; },
  statics: async () => [typeof Request, Headers.name, Response.error().type, Response.redirect('http://a/b', 307).headers.get('location')],
  same: async (r) => [r.body === r.body, r.headers === r.headers, r.signal === r.signal, r.signal.aborted],
  attributes: async (r) => { const n = new globalThis.Request(r.url); const names = ['cache', 'credentials', 'destination', 'duplex', 'integrity',
    'keepalive', 'mode', 'redirect', 'referrer', 'referrerPolicy']; return names.filter((name) => r[name] !== n[name]); },
  reader: async (r) => { const reader = r.body.getReader({ mode: 'byob' }); let n = 0; for (;;) {
    const { done, value } = await reader.read(new Uint8Array(10)); n += value?.length ?? 0; if (done) return [n, r.bodyUsed]; } },
  partly: async (r) => { await r.body.cancel(); return [r.bodyUsed, await kind(() => r.text())]; },
  fetched: async (r) => { const a = await fetch(new URL('/echo', r.url), r); return [a instanceof Response, await a.text()]; },
  fetchedWhole: async (r) => { const a = await fetch(new Request(new URL('/echo', r.url), r)); return a.text(); },
  echo: async (r) => [r.method, r.headers.get('x-old'), await r.text()],
  url: async (r) => r.url,
  empty: async (r) => [r.body, r.bodyUsed, await r.text(), (await r.arrayBuffer()).byteLength],
`;
const source = `
  const kind = async (work) => { try { await work(); return 'nothing'; } catch (error) { return error.constructor.name; } };
  const routes = {${routes}};
  export default async (request) => Response.json((await routes[new URL(request.url).pathname.slice(1)](request)) ?? null);
`;

const runtime = await RuntimeProcess.start({ files: { 'index.mjs': source } });
const base = await runtime.url();
afterAll(async () => {
  await runtime[Symbol.asyncDispose]();
});

async function ask(route: string, init?: RequestInit): Promise<unknown> {
  const response = await fetch(`${base}/${route}`, init);
  return await response.json();
}

const post = (body: NonNullable<RequestInit['body']>, headers: Record<string, string> = {}): RequestInit => ({
  method: 'POST',
  headers: { 'x-old': 'old', ...headers },
  body,
});

describe('the request of a handler', () => {
  const form = new FormData();
  form.set('a', '1');
  const cases: { name: string; route: string; init?: RequestInit; want: unknown }[] = [
    { name: 'is read once', route: 'twice', init: post('text'), want: ['text', true, 'TypeError', 'TypeError', false] },
    { name: 'is parsed as JSON', route: 'json', init: post('{"a":[1]}'), want: { a: [1] } },
    { name: 'is refused as JSON when it is none', route: 'notJson', init: post('{'), want: 'SyntaxError' },
    { name: 'loses its byte order mark', route: 'json', init: post('\uFEFF"bom"'), want: 'bom' },
    { name: 'is given as bytes', route: 'bytes', init: post(new Uint8Array([0, 255, 10])), want: [0, 255, 10] },
    { name: 'is given as a buffer of its own size', route: 'buffer', init: post('12345'), want: 5 },
    {
      name: 'is given as a Blob with its type',
      route: 'blob',
      init: post('b', { 'content-type': 'text/css' }),
      want: ['text/css', 'b'],
    },
    { name: 'is given as a form', route: 'form', init: { method: 'POST', body: form }, want: { a: '1' } },
    { name: 'is cloned', route: 'clone', init: post('both'), want: ['both', 'both', true] },
    {
      name: 'is copied by new Request()',
      route: 'copy',
      init: post('copy'),
      want: ['POST', `${base}/copy`, '2', 'copy'],
    },
    { name: 'takes changed headers along', route: 'change', init: post('x'), want: ['1', 'old'] },
    { name: 'takes headers along that change after a clone', route: 'late', init: post('x'), want: '1' },
    {
      name: 'is an instance of the global classes',
      route: 'instances',
      init: post('x'),
      want: [true, true, true, false, false, 'old'],
    },
    {
      name: 'is no instance of a subclass, which works',
      route: 'extend',
      init: post('x'),
      want: [true, true, false, 'x'],
    },
    {
      name: 'has the global classes beside it',
      route: 'statics',
      want: ['function', 'Headers', 'error', 'http://a/b'],
    },
    { name: 'gives the same parts each time', route: 'same', init: post('x'), want: [true, true, true, false] },
    { name: 'has the attributes of any request', route: 'attributes', want: [] },
    {
      name: 'is read into buffers of the reader',
      route: 'reader',
      init: post('x'.repeat(100_000)),
      want: [100_000, true],
    },
    {
      name: 'is cancelled without the connection',
      route: 'partly',
      init: post('x'.repeat(100_000)),
      want: [true, 'TypeError'],
    },
    { name: 'is passed to fetch as options', route: 'fetched', init: post('on'), want: [true, '["POST","old","on"]'] },
    { name: 'is passed to fetch whole', route: 'fetchedWhole', init: post('on'), want: '["POST","old","on"]' },
    { name: 'has no body for GET', route: 'empty', want: [null, false, '', 0] },
    { name: 'has an absolute URL', route: 'url?a=%20b', want: `${base}/url?a=%20b` },
    {
      name: 'has the scheme that the client spoke',
      route: 'url',
      init: { headers: { 'x-forwarded-proto': 'https, http' } },
      want: `${base}/url`.replace('http:', 'https:'),
    },
    {
      name: 'is not fooled by a scheme that is none',
      route: 'url',
      init: { headers: { 'x-forwarded-proto': 'javascript' } },
      want: `${base}/url`,
    },
  ];

  it.each(cases)('$name', async ({ route, init, want }) => {
    expect(await ask(route, init)).toEqual(want);
  });
});
