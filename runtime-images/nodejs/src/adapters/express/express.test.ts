import { afterAll, expect, it } from 'vitest';
import { RuntimeProcess } from '../../testing/runtime-process.ts';

const source = `
  import { http } from '@google-cloud/functions-framework';
  const routes = {
    html: (req, res) => res.send('<p>'),
    bytes: (req, res) => res.send(Buffer.from('b')),
    number: (req, res) => res.send(7),
    none: (req, res) => res.send(),
    typed: (req, res) => res.type('.csv').send('a,b'),
    set: (req, res) => res.set({ 'X-A': '1', 'Content-Type': 'application/json' }).send('{}'),
    notFound: (req, res) => res.sendStatus(404),
    unknown: (req, res) => res.status(299).send(''),
    moved: (req, res) => res.redirect(301, '/ä?a=%20b'),
    append: (req, res) => { res.append('Link', '<a>'); res.append('Link', '<b>'); res.vary('Accept').json(res.get('link')); },
    cookies: (req, res) => { res.cookie('a', 'b', { maxAge: 1000 }); res.clearCookie('c', { path: '/x', maxAge: 5 }); res.end(); },
    locals: (req, res) => { res.locals.a = 1; res.json({ ...res.locals, sent: res.headersSent }); },
    unmodified: (req, res) => res.status(304).send('gone'),
    request: (req, res) => res.json({
      protocol: req.protocol, secure: req.secure, hostname: req.hostname, ip: req.ip, ips: req.ips, xhr: req.xhr,
      params: req.params, originalUrl: req.originalUrl, baseUrl: req.baseUrl, referrer: req.get('Referrer'),
      isJson: req.is('json'), isWild: req.is('text/*', 'application/*'), isAny: req.is('*/*'), isNot: req.is('html'), body: req.body, raw: req.rawBody === undefined,
    }),
    isForm: (req, res) => res.json(req.is(['html', 'urlencoded'])),
    piped: (req, res) => { res.write('a'); res.end('b'); },
  };
  http('f', (req, res) => routes[req.path.slice(1).split('/')[0]](req, res));
`;

const runtime = await RuntimeProcess.start({ files: { 'index.mjs': source } });
const base = await runtime.url();
afterAll(async () => {
  await runtime[Symbol.asyncDispose]();
});

const cases: { route: string; status?: number; type?: string | null; text: string }[] = [
  { route: 'html', type: 'text/html; charset=utf-8', text: '<p>' },
  { route: 'bytes', type: 'application/octet-stream', text: 'b' },
  { route: 'number', type: 'application/json; charset=utf-8', text: '7' },
  { route: 'none', type: null, text: '' },
  { route: 'typed', type: 'text/csv; charset=utf-8', text: 'a,b' },
  { route: 'set', type: 'application/json; charset=utf-8', text: '{}' },
  { route: 'notFound', status: 404, type: 'text/plain; charset=utf-8', text: 'Not Found' },
  { route: 'unknown', status: 299, type: 'text/html; charset=utf-8', text: '' },
  { route: 'append', type: 'application/json; charset=utf-8', text: '["<a>","<b>"]' },
  { route: 'locals', type: 'application/json; charset=utf-8', text: '{"a":1,"sent":false}' },
  { route: 'unmodified', status: 304, type: null, text: '' },
  { route: 'piped', type: null, text: 'ab' },
];

it.each(cases)('$route is answered as Express answers', async ({ route, status = 200, type, text }) => {
  const response = await fetch(`${base}/${route}`);
  expect({
    status: response.status,
    type: response.headers.get('content-type'),
    text: await response.text(),
  }).toEqual({ status, type, text });
});

it('a redirect encodes its place once', async () => {
  const response = await fetch(`${base}/moved`, { redirect: 'manual' });
  expect(response.status).toBe(301);
  expect(response.headers.get('location')).toBe('/%C3%A4?a=%20b');
});

it('a cookie that is cleared ends in the past, on its own path', async () => {
  const response = await fetch(`${base}/cookies`);
  const [made, cleared] = response.headers.getSetCookie();
  expect(made).toMatch(/^a=b; Path=\/; Max-Age=1; Expires=/u);
  expect(cleared).toBe('c=; Path=/x; Expires=Thu, 01 Jan 1970 00:00:00 GMT');
});

it('a request knows where it comes from', async () => {
  const response = await fetch(`${base}/request/more?q=1`, {
    headers: {
      'content-type': 'application/problem+json',
      'x-forwarded-proto': 'https',
      'x-forwarded-for': '203.0.113.7, 10.0.0.1',
      'x-forwarded-host': 'shop.example:444',
      'x-requested-with': 'XMLHttpRequest',
      referer: 'http://from.example/',
    },
  });
  expect(await response.json()).toEqual({
    protocol: 'https',
    secure: true,
    hostname: 'shop.example',
    ip: '203.0.113.7',
    ips: ['203.0.113.7', '10.0.0.1'],
    xhr: true,
    params: { 0: 'request/more' },
    originalUrl: '/request/more?q=1',
    baseUrl: '',
    referrer: 'http://from.example/',
    isJson: 'json',
    isWild: 'application/*',
    isAny: '*/*',
    isNot: false,
    body: {},
    raw: true,
  });
});

it('a form is told by its short name', async () => {
  const response = await fetch(`${base}/isForm`, { method: 'POST', body: new URLSearchParams({ a: '1' }) });
  expect(await response.json()).toBe('urlencoded');
});
