import type { IncomingMessage } from 'node:http';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LazyHeaders } from './headers.ts';

type Pair = readonly [name: string, value: string];

/** What Node keeps of a parsed request, as far as LazyHeaders reads it. */
function messageWith(pairs: readonly Pair[]): IncomingMessage {
  const headersDistinct = Object.create(null) as Record<string, string[]>;
  for (const [name, value] of pairs) {
    (headersDistinct[name.toLowerCase()] ??= []).push(value);
  }
  return { headersDistinct } as unknown as IncomingMessage;
}

const names = ['Accept', 'X-One', 'x-one', 'Set-Cookie', 'B', '__proto__', 'constructor'];
const name = fc.constantFrom(...names);
const value = fc.stringMatching(/^[a-z0-9]([a-z0-9 ,;=]{0,8}[a-z0-9])?$/u);
const pairs = fc.array(fc.tuple(name, value), { maxLength: 8 });
const change = fc.oneof(
  fc.record({ op: fc.constant('set' as const), name, value }),
  fc.record({ op: fc.constant('append' as const), name, value }),
  fc.record({ op: fc.constant('delete' as const), name, value }),
);

function read(headers: Headers): unknown {
  const seen: Pair[] = [];
  headers.forEach((text, key) => seen.push([key, text]));
  return {
    entries: [...headers],
    seen,
    keys: [...headers.keys()],
    values: [...headers.values()],
    cookies: headers.getSetCookie(),
    each: [...names, 'missing'].map((key) => [headers.get(key), headers.has(key)]),
  };
}

describe('LazyHeaders', () => {
  it('reads as the class of Node does, before and after any changes', () => {
    fc.assert(
      fc.property(pairs, fc.array(change, { maxLength: 5 }), (received, changes) => {
        const own = new LazyHeaders(messageWith(received)) as unknown as Headers;
        const native = new Headers(received.map(([key, text]): [string, string] => [key, text]));
        expect(read(own)).toEqual(read(native));
        for (const one of changes) {
          own[one.op](one.name, one.value);
          native[one.op](one.name, one.value);
          expect(read(own)).toEqual(read(native));
        }
      }),
    );
  });

  it('joins several Cookie headers by semicolons, as HTTP/2 splits them', () => {
    const headers = new LazyHeaders(
      messageWith([
        ['cookie', 'a=1'],
        ['cookie', 'b=2'],
      ]),
    );
    expect(headers.get('Cookie')).toBe('a=1; b=2');
  });

  it('refuses a name that is none', () => {
    const headers = new LazyHeaders(messageWith([]));
    expect(() => headers.get('not a name')).toThrow(TypeError);
    expect(() => headers.has('')).toThrow(TypeError);
  });

  it('can be copied by the class of Node', () => {
    const headers = new LazyHeaders(
      messageWith([
        ['a', '1'],
        ['set-cookie', 'x'],
        ['set-cookie', 'y'],
      ]),
    );
    expect([...new Headers(headers as unknown as Headers)]).toEqual([...headers]);
  });
});
