import { runInThisContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import type { Fingerprint } from '../loader/fingerprint.ts';
import type { Choice } from './adapter.ts';
import { chooseHandler } from './detect.ts';
import type { Settings } from './detect.ts';
import { Registrations } from './google/registrations.ts';
import { installAwsLambda } from './lambda/global.ts';
import { adapt } from './registry.ts';

installAwsLambda(globalThis);

interface Situation {
  /** Source of each export. */
  readonly exports?: Readonly<Record<string, string>>;
  readonly file?: string;
  readonly wanted?: string;
  readonly fingerprint?: Fingerprint;
  readonly settings?: Partial<Settings>;
  readonly register?: (registrations: Registrations) => void;
}

function choose({ exports = {}, file = 'index.mjs', wanted, fingerprint, settings, register }: Situation): Choice {
  const registrations = new Registrations();
  register?.(registrations);
  const values = Object.entries(exports).map(([name, source]) => [name, runInThisContext(`(${source})`)] as const);
  return chooseHandler(
    { module: { file, exports: new Map<string, unknown>(values), wanted }, fingerprint, registrations },
    { signature: 'auto', functionTarget: undefined, functionSignature: undefined, ...settings },
  );
}

const cases: { source: string; want: string }[] = [
  { source: '() => {}', want: 'fetch' },
  { source: '(request) => {}', want: 'fetch' },
  { source: '(req, context) => {}', want: 'fetch' },
  { source: '(req, { res }) => {}', want: 'fetch' },
  { source: '(a, b) => {}', want: 'fetch' },
  { source: '(...values) => {}', want: 'fetch' },
  { source: '((req, res) => {}).bind(undefined)', want: 'fetch' },
  { source: '{ fetch: (req, res) => {} }', want: 'fetch' },
  { source: '{ fetch() {}, handle() {} }', want: 'fetch' },
  { source: 'new (class App { fetch() {} })()', want: 'fetch' },
  { source: 'Object.assign(() => {}, { fetch() {} })', want: 'fetch' },
  { source: '(req, res) => {}', want: 'http' },
  { source: '(request, response) => {}', want: 'http' },
  { source: 'async (req, reply) => {}', want: 'http' },
  { source: 'async function handle(req, res) {}', want: 'http' },
  { source: '({ serve(_req, _res) {} }).serve', want: 'http' },
  // As Express makes its apps.
  { source: 'Object.assign(function (req, res, next) {}, { handle() {}, listen() {} })', want: 'http' },
  { source: '{ handle: (context, body) => {}, init() {} }', want: 'knative' },
  { source: 'awslambda.streamifyResponse(async (event, responseStream, context) => {})', want: 'lambda' },
  { source: '(event, context) => context.status(200).succeed("ok")', want: 'openfaas' },
  // A worker of the old kind, or somebody's own word for a request: nothing says Lambda.
  { source: '(event) => {}', want: 'fetch' },
  { source: '(event, context) => {}', want: 'fetch' },
];

const exportCases: { name: string; situation: Situation; want: string }[] = [
  { name: 'handler(event)', situation: { exports: { handler: 'async (event) => ({})' } }, want: 'lambda' },
  { name: 'handler(_event)', situation: { exports: { handler: '(_event, context) => ({})' } }, want: 'lambda' },
  {
    name: 'handler(evt = {})',
    situation: { exports: { handler: '(evt = {}, context = {}) => ({})' } },
    want: 'lambda',
  },
  {
    name: 'handler(event_)',
    situation: { exports: { handler: 'async (event_, context = {}) => ({})' } },
    want: 'lambda',
  },
  { name: 'handler(request)', situation: { exports: { handler: '(request) => new Response()' } }, want: 'fetch' },
  { name: 'handler(req, res)', situation: { exports: { handler: '(req, res) => res.end()' } }, want: 'http' },
  {
    name: 'an event’s handler that spec.handler names',
    situation: { exports: { list: '(event) => ({})', default: '() => {}' }, wanted: 'list' },
    want: 'lambda',
  },
  { name: 'handle(context, body)', situation: { exports: { handle: '(context, body) => body' } }, want: 'knative' },
  { name: 'handle(request)', situation: { exports: { handle: '(request) => new Response()' } }, want: 'fetch' },
  { name: 'handle(req, res)', situation: { exports: { handle: '(req, res) => res.end()' } }, want: 'http' },
  {
    name: '(event, context) in a file named handler.js',
    situation: { exports: { default: 'async (event, context) => event.body' }, file: 'handler.js' },
    want: 'openfaas',
  },
];

const fingerprintOf = (signature: Fingerprint['signature'], file: string): Fingerprint => ({ signature, file });

const fingerprintCases: { name: string; situation: Situation; want: string }[] = [
  {
    name: 'func.yaml',
    situation: { exports: { default: '(a, b) => b' }, fingerprint: fingerprintOf('knative', 'func.yaml') },
    want: 'knative',
  },
  {
    name: 'stack.yml',
    situation: { exports: { default: '(a, b) => b' }, fingerprint: fingerprintOf('openfaas', 'stack.yml') },
    want: 'openfaas',
  },
  {
    name: 'serverless.yml',
    situation: { exports: { handler: '(a) => a' }, fingerprint: fingerprintOf('lambda', 'serverless.yml') },
    want: 'lambda',
  },
  {
    name: 'serverless.yml beside (req, res)',
    situation: { exports: { handler: '(req, res) => {}' }, fingerprint: fingerprintOf('lambda', 'serverless.yml') },
    want: 'http',
  },
  {
    name: 'serverless.yml beside a Worker',
    situation: { exports: { default: '{ fetch() {} }' }, fingerprint: fingerprintOf('lambda', 'serverless.yml') },
    want: 'fetch',
  },
  {
    name: 'the dependency on the Functions Framework, and (req, res)',
    situation: { exports: { default: '(req, res) => {}' }, fingerprint: fingerprintOf('google-http', 'package.json') },
    want: 'google-http',
  },
  {
    name: 'the dependency on the Functions Framework, and (cloudEvent)',
    situation: {
      exports: { default: '(cloudEvent) => {}' },
      fingerprint: fingerprintOf('google-http', 'package.json'),
    },
    want: 'cloudevent',
  },
  {
    name: 'the dependency on the Functions Framework, and (message, context)',
    situation: {
      exports: { default: '(message, context) => {}' },
      fingerprint: fingerprintOf('google-http', 'package.json'),
    },
    want: 'google-event',
  },
];

describe('the signature of a handler', () => {
  it.each(cases)('that is the default export $source is $want', ({ source, want }) => {
    expect(choose({ exports: { default: source } }).signature).toBe(want);
  });

  it.each(exportCases)('exported as $name is $want', ({ situation, want }) => {
    expect(choose(situation).signature).toBe(want);
  });

  it.each(fingerprintCases)('beside $name is $want', ({ situation, want }) => {
    expect(choose(situation).signature).toBe(want);
  });

  it('is what FLINT_SIGNATURE says, whatever the handler looks like', () => {
    const forced = (source: string, signature: Settings['signature']): Choice =>
      choose({ exports: { default: source }, settings: { signature } });
    expect(forced('(req, res) => {}', 'fetch').signature).toBe('fetch');
    expect(forced('() => {}', 'lambda').signature).toBe('lambda');
    expect(forced('{ fetch() {} }', 'http').signature).toBe('http');
  });

  it('is told with the reason for it', () => {
    const { because } = choose({ exports: { handler: '(event) => {}' } });
    expect(because).toBe('it is exported as handler, and its first parameter is named event');
  });
});

describe('the handler, of several exports', () => {
  const both = { default: '() => {}', handler: '(event) => {}', handle: '(context) => {}' };

  it('is the default one', () => {
    expect(choose({ exports: both }).exported.name).toBe('index.mjs.default');
  });

  it('is handle beside a func.yaml, and handler where AWS is meant', () => {
    expect(choose({ exports: both, fingerprint: fingerprintOf('knative', 'func.yaml') }).exported.name).toBe(
      'index.mjs.handle',
    );
    expect(choose({ exports: both, settings: { signature: 'lambda' } }).exported.name).toBe('index.mjs.handler');
  });

  it.each([
    { target: 'list', want: 'index.mjs.list' },
    { target: 'api.list', want: 'index.mjs.api.list' },
    { target: 'gone', want: 'index.mjs.function' },
  ])('is what FUNCTION_TARGET=$target means', ({ target, want }) => {
    const exports = { list: '() => {}', api: '{ list() {} }', function: '() => {}' };
    const { exported, signature } = choose({ exports, settings: { functionTarget: target } });
    expect({ name: exported.name, signature }).toEqual({ name: want, signature: 'google-http' });
  });

  it('is missing when FUNCTION_TARGET means none', () => {
    const settings = { functionTarget: 'api.gone' };
    expect(() => choose({ exports: { api: '{}' }, settings })).toThrow(
      "index.mjs has no export 'api.gone', which FUNCTION_TARGET means; it exports: api",
    );
  });

  it.each([
    { exports: { function: '() => {}', default: '() => {}' }, want: 'index.mjs.function' },
    { exports: { default: '() => {}' }, want: 'index.mjs.default' },
  ])('is $want when only FUNCTION_SIGNATURE_TYPE is set', ({ exports, want }) => {
    const { exported } = choose({ exports, settings: { functionSignature: 'cloudevent' } });
    expect(exported.name).toBe(want);
  });

  it('is called as FUNCTION_SIGNATURE_TYPE says', () => {
    const settings = { functionTarget: 'list', functionSignature: 'cloudevent' as const };
    expect(choose({ exports: { list: '() => {}' }, settings }).signature).toBe('cloudevent');
  });
});

describe('what is registered with the Functions Framework', () => {
  const two = (registrations: Registrations): void => {
    registrations.moduleExports.http('web', () => 1);
    registrations.moduleExports.cloudEvent('on-upload', () => 2);
  };

  it('needs no export, and no name when it is the only one', () => {
    const register = ({ moduleExports }: Registrations): void => {
      moduleExports.http('web', () => 1);
    };
    expect(choose({ register })).toMatchObject({ signature: 'google-http', exported: { name: 'web' } });
  });

  it('is chosen by FUNCTION_TARGET, or by spec.handler', () => {
    const byTarget = choose({ register: two, settings: { functionTarget: 'on-upload' } });
    expect(byTarget).toMatchObject({ signature: 'cloudevent', exported: { name: 'on-upload' } });
    expect(choose({ register: two, wanted: 'web' })).toMatchObject({ signature: 'google-http' });
  });

  it('leaves an export alone that spec.handler names', () => {
    const choice = choose({ register: two, wanted: 'other', exports: { other: '(request) => {}' } });
    expect(choice).toMatchObject({ signature: 'fetch', exported: { name: 'index.mjs.other' } });
  });

  it('must be told among several', () => {
    expect(() => choose({ register: two })).toThrow(
      'several functions are registered (web, on-upload); FUNCTION_TARGET or spec.handler says which',
    );
    expect(() => choose({ register: two, wanted: 'gone' })).toThrow(
      "no function is registered as 'gone'; there is: web, on-upload",
    );
  });

  it('has a name that a URL can have', () => {
    const register = ({ moduleExports }: Registrations): void => {
      moduleExports.http('a b', () => 1);
    };
    expect(() => choose({ register })).toThrow("'a b' is no name for a function");
  });
});

describe('what nothing can call', () => {
  it.each(['42', '"text"', 'null', '{ get: 1 }'])('such as %s is refused by name', async (source) => {
    await expect(adapt(choose({ exports: { default: source } }))).rejects.toThrow(/^index\.mjs\.default is /u);
  });

  it.each(['http', 'lambda', 'google-http', 'google-event', 'cloudevent', 'knative', 'openfaas'] as const)(
    'is refused by the signature %s too',
    async (signature) => {
      const choice = choose({ exports: { default: '{ fetch() {} }' }, settings: { signature } });
      await expect(adapt(choice)).rejects.toThrow('index.mjs.default is an object');
    },
  );
});
