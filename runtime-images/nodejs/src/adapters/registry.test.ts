import { runInThisContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { adapt } from './registry.ts';

describe('the signature of a handler', () => {
  const cases: { source: string; want: string }[] = [
    { source: '() => {}', want: 'fetch' },
    { source: '(request) => {}', want: 'fetch' },
    { source: '(req, context) => {}', want: 'fetch' },
    { source: '(req, { res }) => {}', want: 'fetch' },
    { source: '(a, b) => {}', want: 'fetch' },
    { source: '(...values) => {}', want: 'fetch' },
    { source: '((req, res) => {}).bind(undefined)', want: 'fetch' },
    { source: '({ fetch: (req, res) => {} })', want: 'fetch' },
    { source: 'new (class App { fetch() {} })()', want: 'fetch' },
    { source: 'Object.assign(() => {}, { fetch() {} })', want: 'fetch' },
    { source: '(req, res) => {}', want: 'http' },
    { source: '(request, response) => {}', want: 'http' },
    { source: 'async (req, reply) => {}', want: 'http' },
    { source: '(async function handle(req, res) {})', want: 'http' },
    { source: '({ serve(_req, _res) {} }).serve', want: 'http' },
    // As Express makes its apps.
    { source: 'Object.assign(function (req, res, next) {}, { handle() {}, listen() {} })', want: 'http' },
  ];
  it.each(cases)('of $source is $want', ({ source, want }) => {
    expect(adapt({ name: 'index.mjs.default', value: runInThisContext(source) as unknown }, 'auto').signature).toBe(
      want,
    );
  });

  it('is what FLINT_SIGNATURE says, whatever the handler looks like', () => {
    const exportOf = (source: string): { name: string; value: unknown } => ({
      name: 'index.mjs.default',
      value: runInThisContext(source),
    });
    expect(adapt(exportOf('(req, res) => {}'), 'fetch').signature).toBe('fetch');
    expect(adapt(exportOf('() => {}'), 'http').signature).toBe('http');
    expect(() => adapt(exportOf('({ fetch() {} })'), 'http')).toThrow('index.mjs.default');
  });

  it.each([42, 'text', null, { get: 1 }])('cannot be told of %j, which nothing can call', (value) => {
    expect(() => adapt({ name: 'index.mjs.default', value }, 'auto')).toThrow(/^index\.mjs\.default is /u);
  });
});
