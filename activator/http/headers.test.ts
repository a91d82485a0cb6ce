import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { requestHeaders, requestIdOf, responseHeaders, traceparentOf } from './headers.ts';

const facts = { remoteAddress: '192.0.2.7', protocol: 'http' as const, requestId: 'id-1', traceparent: 'tp' };

function forwarded(raw: string[], headers: Record<string, string> = {}): Record<string, string> {
  const list = requestHeaders(raw, { host: 'hello.shop', ...headers }, facts);
  return Object.fromEntries(
    list.flatMap((name, index) => (index % 2 === 0 ? [[name.toLowerCase(), list[index + 1] ?? '']] : [])),
  );
}

describe('headers on their way to the function', () => {
  it('keep their order, case and repetitions', () => {
    const raw = ['X-B', '1', 'Accept', 'a', 'X-B', '2'];
    expect(requestHeaders(raw, { host: 'h' }, facts).slice(0, 6)).toEqual(raw);
  });

  it('tell who asked, for what, and over what', () => {
    expect(forwarded([])).toEqual({
      forwarded: 'for=192.0.2.7;host="hello.shop";proto=http',
      'x-forwarded-for': '192.0.2.7',
      'x-forwarded-proto': 'http',
      'x-forwarded-host': 'hello.shop',
      'x-request-id': 'id-1',
      traceparent: 'tp',
    });
  });

  it('append to what proxies before this one said', () => {
    const headers = { 'x-forwarded-for': '10.0.0.1', forwarded: 'for=10.0.0.1' };
    expect(forwarded([], headers)).toMatchObject({
      'x-forwarded-for': '10.0.0.1, 192.0.2.7',
      forwarded: 'for=10.0.0.1, for=192.0.2.7;host="hello.shop";proto=http',
    });
  });

  it('write an IPv6 address as RFC 7239 wants it', () => {
    const list = requestHeaders([], { host: 'h' }, { ...facts, remoteAddress: '2001:db8::1' });
    expect(list).toContain('for="[2001:db8::1]";host="h";proto=http');
  });

  const hopByHop = [
    'Connection',
    'Keep-Alive',
    'Proxy-Connection',
    'TE',
    'Trailer',
    'Transfer-Encoding',
    'Upgrade',
    'Expect',
  ];
  for (const name of hopByHop) {
    it(`lose ${name}, which is for one connection only`, () => {
      expect(forwarded([name, 'x'])).not.toHaveProperty(name.toLowerCase());
    });
  }

  it('lose what the Connection header names', () => {
    expect(forwarded(['X-Secret', 's', 'X-Kept', 'k'], { connection: 'close, X-Secret' })).not.toHaveProperty(
      'x-secret',
    );
  });
});

describe('headers on their way back', () => {
  it('never carry what only the platform may say', () => {
    const raw = ['Flint-Error', 'QueueFull', 'flint-load-ms', '3', 'Set-Cookie', 'a=1', 'Set-Cookie', 'b=2'];
    expect(responseHeaders(raw, undefined)).toEqual(['Set-Cookie', 'a=1', 'Set-Cookie', 'b=2']);
  });
});

describe('a request id', () => {
  const cases = [
    { given: 'abc-123', kept: true },
    { given: '01H/x+y=@z.w:v_', kept: true },
    { given: '', kept: false },
    { given: 'a b', kept: false },
    { given: 'a\tb', kept: false },
    { given: 'x'.repeat(129), kept: false },
  ];
  for (const { given, kept } of cases) {
    it(`${JSON.stringify(given.slice(0, 20))} is ${kept ? 'kept' : 'replaced'}`, () => {
      expect(requestIdOf({ 'x-request-id': given }, () => 'new')).toBe(kept ? given : 'new');
    });
  }
});

describe('a traceparent', () => {
  const hex = (digits: number): string => 'ab'.repeat(digits / 2);
  const made = `00-${hex(32)}-${hex(16)}-00`;
  const good = `00-${'1'.repeat(32)}-${'2'.repeat(16)}-01`;
  const cases = [
    { given: good, want: good },
    { given: undefined, want: made },
    { given: `00-${'0'.repeat(32)}-${'2'.repeat(16)}-01`, want: made },
    { given: `00-${'1'.repeat(32)}-${'0'.repeat(16)}-01`, want: made },
    { given: `ff-${'1'.repeat(32)}-${'2'.repeat(16)}-01`, want: made },
    { given: 'nonsense', want: made },
  ];
  for (const { given, want } of cases) {
    it(`${given?.slice(0, 12) ?? 'absent'}… becomes ${want.slice(0, 12)}…`, () => {
      expect(traceparentOf(given === undefined ? {} : { traceparent: given }, hex)).toBe(want);
    });
  }
});

it('no header that a client sends survives twice, and none of the hop-by-hop ones at all', () => {
  const name = fc.constantFrom(
    'Connection',
    'Forwarded',
    'X-Request-Id',
    'TE',
    'Accept',
    'X-A',
    'Upgrade',
    'Traceparent',
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(name, fc.string({ maxLength: 5 })), { maxLength: 12 }), (pairs) => {
      const names = requestHeaders(pairs.flat(), { host: 'h' }, facts).filter((_, index) => index % 2 === 0);
      const single = ['forwarded', 'x-request-id', 'traceparent'];
      for (const own of single) {
        expect(names.filter((candidate) => candidate.toLowerCase() === own)).toHaveLength(1);
      }
      expect(names.map((candidate) => candidate.toLowerCase())).not.toContain('te');
    }),
  );
});
