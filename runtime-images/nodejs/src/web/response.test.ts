import { Readable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LazyResponse } from './response.ts';

/** What anybody can see of a response, or the kind of error it refused with. */
async function observe(make: () => Response): Promise<unknown> {
  try {
    const response = make();
    const { status, statusText, ok, type, url, redirected, bodyUsed } = response;
    const hasBody = response.body !== null;
    const headers = [...response.headers];
    const body = await response.text();
    const isUsed = response.bodyUsed;
    return { status, statusText, ok, type, url, redirected, bodyUsed, hasBody, headers, body, isUsed };
  } catch (error) {
    return (error as Error).constructor.name;
  }
}

/** What goes to the client of a response that was not turned into Node's, for comparison with one that is. */
async function observeWire(response: Response | LazyResponse): Promise<unknown> {
  const plain = LazyResponse.plainOf(response);
  if (plain === undefined) {
    const { status, statusText, headers } = response as Response;
    return { status, statusText, headers: [...headers], body: await (response as Response).bytes() };
  }
  const { status, statusText, body } = plain;
  const pairs = plain.headers.flatMap((name, index) =>
    index % 2 === 0 ? [[name, plain.headers[index + 1] ?? '']] : [],
  );
  for (const [, value = ''] of pairs) {
    expect(value).toBe(value.trim());
  }
  const bytes = await new Response(body as string | null).bytes();
  return { status, statusText, headers: [...new Headers(pairs as [string, string][])], body: bytes };
}

const status = fc.option(
  fc.oneof(fc.constantFrom(200, 201, 204, 205, 304, 404, 500, 599), fc.integer({ min: 0, max: 700 })),
  {
    nil: undefined,
  },
);
const statusText = fc.option(fc.oneof(fc.constantFrom('', 'Fine', 'grün', 'bad\nline', 'ünïcode ✓'), fc.string()), {
  nil: undefined,
});
const headerName = fc.constantFrom(
  'a',
  'A',
  'x-b',
  'Content-Type',
  'content-length',
  'set-cookie',
  'Set-Cookie',
  'not a name',
  '',
);
const headerValue = fc.oneof(
  fc.constantFrom('', 'v', ' padded ', 'two words', 'text/html', 'ü', '✓', 'a\nb', 'a\0b'),
  fc.string(),
);
const headers = fc.oneof(
  fc.constant(undefined),
  fc.dictionary(headerName, headerValue, { maxKeys: 4 }),
  fc.array(fc.tuple(headerName, headerValue), { maxLength: 4 }),
  fc.array(fc.array(headerValue, { maxLength: 3 }), { maxLength: 2 }),
);
const body = fc.oneof(
  fc.constantFrom(undefined, null, '', 'text', 'grüße ✓', '\ud800 lone', 42, { a: 1 }, true),
  fc.uint8Array({ maxLength: 8 }),
  fc.string({ unit: 'binary' }),
);

function makeInit(parts: Record<string, unknown>): ResponseInit {
  return Object.fromEntries(Object.entries(parts).filter(([, part]) => part !== undefined));
}

describe('LazyResponse', () => {
  it('is to its user what the class of Node is, for any body, status and headers', async () => {
    await fc.assert(
      fc.asyncProperty(body, status, statusText, headers, async (content, ...init) => {
        const [wantStatus, wantText, wantHeaders] = init;
        const options = makeInit({ status: wantStatus, statusText: wantText, headers: wantHeaders });
        const own = await observe(() => new LazyResponse(content, options) as unknown as Response);
        expect(own).toEqual(await observe(() => new Response(content as string, options)));
        if (typeof own !== 'string') {
          const wire = await observeWire(new LazyResponse(content, options));
          expect(wire).toEqual(await observeWire(new Response(content as string, options)));
        }
      }),
      { numRuns: 500 },
    );
  });

  it('makes JSON as the class of Node does', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.jsonValue(), fc.constant(undefined)), status, headers, async (data, ...init) => {
        const options = makeInit({ status: init[0], headers: init[1] });
        const own = await observe(() => LazyResponse.json(data, options) as unknown as Response);
        expect(own).toEqual(await observe(() => Response.json(data, options)));
      }),
      { numRuns: 300 },
    );
  });

  const bodies: { name: string; make: () => unknown }[] = [
    { name: 'URLSearchParams', make: () => new URLSearchParams({ a: '1' }) },
    { name: 'Blob', make: () => new Blob(['blob'], { type: 'text/css' }) },
    { name: 'ArrayBuffer', make: () => new TextEncoder().encode('buffer').buffer },
    { name: 'a view of part of a buffer', make: () => new TextEncoder().encode('a view').subarray(2) },
    { name: 'ReadableStream', make: () => new Blob(['streamed']).stream() },
    {
      name: 'a locked ReadableStream',
      make: () => {
        const stream = new Blob(['locked']).stream();
        stream.getReader();
        return stream;
      },
    },
  ];
  it.each(bodies)('takes $name as the class of Node does', async ({ make }) => {
    const own = await observe(() => new LazyResponse(make()) as unknown as Response);
    expect(own).toEqual(await observe(() => new Response(make() as string)));
  });

  it.each([null, undefined, 5, 'init', () => 1])('takes the options %s as the class of Node does', async (options) => {
    const init = options as unknown as ResponseInit;
    const own = await observe(() => new LazyResponse('text', init) as unknown as Response);
    expect(own).toEqual(await observe(() => new Response('text', init)));
  });

  it('takes headers that can be read only once, also where Node’s class has to', async () => {
    const headers = (): ResponseInit => ({
      headers: new Map([
        ['a', '1'],
        ['b', ' padded '],
      ]).entries() as unknown as [string, string][],
    });
    const own = await observe(() => new LazyResponse('x', headers()) as unknown as Response);
    expect(own).toEqual(await observe(() => new Response('x', headers())));
  });

  it('takes an async iterable without loading anything', async () => {
    const response = new LazyResponse(Readable.from(['a', 'b']));
    expect(LazyResponse.plainOf(response)?.body).toBeInstanceOf(Readable);
    expect(await response.text()).toBe('ab');
  });

  it('keeps the bytes it was given, whatever happens to them later', () => {
    const bytes = new Uint8Array([1, 2]);
    const response = new LazyResponse(bytes);
    bytes[0] = 9;
    expect(LazyResponse.plainOf(response)?.body).toEqual(new Uint8Array([1, 2]));
  });

  it('is not plain any more once its headers can be changed', () => {
    const response = new LazyResponse('text');
    response.headers.set('a', '1');
    expect(LazyResponse.plainOf(response)).toBeUndefined();
    expect(LazyResponse.nativeOf(response)?.headers.get('a')).toBe('1');
  });

  it('can be extended, and instanceof tells the classes apart', () => {
    class Page extends LazyResponse {}
    const page = new Page('page');
    expect(page instanceof Page && page instanceof LazyResponse).toBe(true);
    expect(new LazyResponse() instanceof Page).toBe(false);
    expect(LazyResponse.redirect('http://a/') instanceof LazyResponse).toBe(true);
    expect(({} as object) instanceof LazyResponse).toBe(false);
  });
});
