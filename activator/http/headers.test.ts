import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeRequestHeaders, makeResponseHeaders, type RequestFacts, valuesOf, pairs } from './headers.ts';

const facts: RequestFacts = {
  host: 'hello.shop',
  clientIp: '10.0.0.7',
  proto: 'http',
  requestId: 'id',
  traceparent: '00-11111111111111111111111111111111-2222222222222222-01',
  framing: 'none',
  upgrade: '',
};

function flat(...headers: readonly [string, string][]): string[] {
  return headers.flat();
}

function requestHeader(name: string, raw: string[], overrides: Partial<RequestFacts> = {}): readonly string[] {
  return valuesOf(makeRequestHeaders(raw, { ...facts, ...overrides }), name);
}

describe('the headers of a request', () => {
  const dropped = [
    { name: 'Connection', raw: flat(['Connection', 'close']) },
    { name: 'Keep-Alive', raw: flat(['Keep-Alive', 'timeout=5']) },
    { name: 'Proxy-Connection', raw: flat(['Proxy-Connection', 'keep-alive']) },
    { name: 'Proxy-Authorization', raw: flat(['Proxy-Authorization', 'Basic x']) },
    { name: 'TE', raw: flat(['TE', 'trailers']) },
    { name: 'Transfer-Encoding', raw: flat(['Transfer-Encoding', 'chunked']) },
    { name: 'Upgrade', raw: flat(['Upgrade', 'h2c']) },
    { name: 'Expect', raw: flat(['Expect', '100-continue']) },
    { name: 'Trailer', raw: flat(['Trailer', 'x']) },
    { name: 'X-Nominated', raw: flat(['Connection', 'close, x-nominated'], ['X-Nominated', '1']) },
    { name: 'X-Nominated', raw: flat(['X-Nominated', '1'], ['connection', 'X-NOMINATED'], ['Connection', 'a']) },
  ];
  for (const { name, raw } of dropped) {
    it(`leave ${name} behind in ${JSON.stringify(raw)}`, () => {
      expect(requestHeader(name.toLowerCase(), raw)).toEqual([]);
    });
  }

  const kept = [
    { name: 'host', raw: flat(['Connection', 'host'], ['Host', 'hello.shop']), want: ['hello.shop'] },
    { name: 'content-length', raw: flat(['Connection', 'content-length'], ['Content-Length', '3']), want: ['3'] },
    { name: 'host', raw: flat(['Host', 'other.shop']), want: ['hello.shop'] },
    { name: 'cookie', raw: flat(['Cookie', 'a'], ['cookie', 'b']), want: ['a', 'b'] },
    { name: 'x-forwarded-for', raw: flat(['Host', 'a']), want: ['10.0.0.7'] },
    {
      name: 'x-forwarded-for',
      raw: flat(
        ['X-Forwarded-For', '1.1.1.1, 2.2.2.2'],
        ['x-forwarded-for', '3.3.3.3'],
        ['Connection', 'x-forwarded-for'],
      ),
      want: ['1.1.1.1, 2.2.2.2, 3.3.3.3, 10.0.0.7'],
    },
    { name: 'x-forwarded-proto', raw: flat(['X-Forwarded-Proto', 'https']), want: ['https, http'] },
    { name: 'forwarded', raw: flat(['Forwarded', 'for=a']), want: ['for=a, for=10.0.0.7;host=hello.shop;proto=http'] },
    { name: 'x-request-id', raw: flat(['X-Request-Id', 'forged\u0001']), want: ['id'] },
  ];
  for (const { name, raw, want } of kept) {
    it(`say ${name} as ${JSON.stringify(want)} for ${JSON.stringify(raw)}`, () => {
      expect(requestHeader(name, raw)).toEqual(want);
    });
  }

  const forwarded = [
    { clientIp: '::1', host: 'hello.shop', want: 'for="[::1]";host=hello.shop;proto=http' },
    { clientIp: '10.0.0.7', host: 'hello.shop:80', want: 'for=10.0.0.7;host="hello.shop:80";proto=http' },
  ];
  for (const { want, ...given } of forwarded) {
    it(`quote what is no token: ${want}`, () => {
      expect(requestHeader('forwarded', [], given)).toEqual([want]);
    });
  }

  it('keep a trace state only with the parent that it belongs to', () => {
    const raw = flat(['tracestate', 'a=1'], ['traceparent', facts.traceparent]);
    expect(requestHeader('tracestate', raw)).toEqual(['a=1']);
    expect(requestHeader('traceparent', raw)).toEqual([facts.traceparent]);
    expect(requestHeader('tracestate', flat(['tracestate', 'a=1'], ['traceparent', 'broken']))).toEqual([]);
  });

  const framings = [
    { framing: 'chunked', name: 'transfer-encoding', want: ['chunked'] },
    { framing: 'empty', name: 'content-length', want: ['0'] },
    { framing: 'none', name: 'content-length', want: [] },
  ] as const;
  for (const { framing, name, want } of framings) {
    it(`say ${name} ${JSON.stringify(want)} where the body is ${framing}`, () => {
      expect(requestHeader(name, [], { framing })).toEqual(want);
    });
  }

  it('ask for the protocol that the client asked for', () => {
    const headers = makeRequestHeaders(flat(['Connection', 'Upgrade'], ['Upgrade', 'websocket']), {
      ...facts,
      upgrade: 'websocket',
    });
    expect(valuesOf(headers, 'connection')).toEqual(['Upgrade']);
    expect(valuesOf(headers, 'upgrade')).toEqual(['websocket']);
  });
});

describe('whatever headers there are', () => {
  const name = fc.constantFrom(
    'X-A',
    'x-b',
    'X-C',
    'Accept',
    'Set-Cookie',
    'Keep-Alive',
    'TE',
    'Upgrade',
    'flint-error',
  );
  const header = fc.tuple(name, fc.stringMatching(/^[!-~]{0,8}$/u));
  const nominations = fc.array(fc.constantFrom('x-a', 'X-B', 'accept', 'close'), { maxLength: 3 });
  const ends = new Set(['keep-alive', 'te', 'upgrade', 'connection', 'flint-error']);

  it('an answer has exactly those that go further than one hop, in their order', () => {
    fc.assert(
      fc.property(fc.array(header, { maxLength: 12 }), nominations, (headers, nominated) => {
        const raw = [...headers.flat(), 'Connection', nominated.join(', ')];
        const gone = new Set([...ends, ...nominated.map((one) => one.toLowerCase())]);
        const want = headers.filter(([one]) => !gone.has(one.toLowerCase()));
        expect(pairs(makeResponseHeaders(raw, true))).toEqual(want);
      }),
    );
  });

  it('a request has one Host, one chain of each kind, and nothing of the hop', () => {
    fc.assert(
      fc.property(fc.array(header, { maxLength: 12 }), nominations, (headers, nominated) => {
        const made = makeRequestHeaders([...headers.flat(), 'Connection', nominated.join(',')], facts);
        const names = pairs(made).map(([one]) => one.toLowerCase());
        expect(names.filter((one) => one === 'host')).toHaveLength(1);
        for (const one of ['x-forwarded-for', 'x-forwarded-proto', 'x-forwarded-host', 'forwarded', 'traceparent']) {
          expect(names.filter((other) => other === one)).toHaveLength(1);
        }
        expect(names.filter((one) => one !== 'flint-error' && ends.has(one))).toEqual([]);
      }),
    );
  });
});
