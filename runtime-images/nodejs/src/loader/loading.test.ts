import { describe, expect, it } from 'vitest';
import { failToStart, RuntimeProcess } from '../testing/runtime-process.ts';
import type { Files } from '../testing/runtime-process.ts';

const bundleIt = "; bundle it into the function's files: Packages in docs/how-to/bring-functions-from-elsewhere.md";
const esModule = 'inline source, as any .mjs, is an ES module: use export and import, or a ConfigMap with index.cjs';

async function answerOf(files: Files, env: Readonly<Record<string, string>> = {}): Promise<string> {
  await using runtime = await RuntimeProcess.start({ files, env });
  const response = await fetch(await runtime.url());
  return await response.text();
}

describe('code that loads', () => {
  const cases: { name: string; files: Files; env?: Record<string, string>; want: string }[] = [
    { name: 'an ES module', files: { 'index.mjs': 'export default () => new Response("esm")' }, want: 'esm' },
    {
      name: 'an ES module named .js, without package.json',
      files: { 'index.js': 'import { sep } from "node:path"; export default () => new Response(sep)' },
      want: '/',
    },
    {
      name: 'CommonJS named .js, without package.json',
      files: { 'index.js': 'const { sep } = require("node:path"); module.exports = () => new Response(sep)' },
      want: '/',
    },
    { name: 'CommonJS', files: { 'index.cjs': 'exports.handler = () => new Response("cjs")' }, want: 'cjs' },
    {
      name: 'what a compiler made of an ES module',
      files: {
        'index.cjs':
          'Object.defineProperty(exports, "__esModule", { value: true }); exports.default = () => new Response("compiled")',
      },
      want: 'compiled',
    },
    {
      name: 'TypeScript',
      files: { 'index.ts': 'export default (request: Request): Response => new Response("ts" satisfies string)' },
      want: 'ts',
    },
    {
      name: 'inline source in TypeScript, whose name is index.mjs, with a sibling of the same kind',
      files: {
        'index.mjs': 'import { text } from "./text.mjs"; export default (r: Request) => new Response(text(r))',
        'text.mjs': 'export const text = (request: Request): string => request.method;',
      },
      want: 'GET',
    },
    {
      name: 'a package.json that says what .js is',
      files: {
        'package.json': '{"type":"module"}',
        'index.js': 'export default () => new Response(import.meta.filename.slice(-8))',
      },
      want: 'index.js',
    },
    {
      name: 'top-level await',
      files: { 'index.mjs': 'const text = await Promise.resolve("awaited"); export default () => new Response(text)' },
      want: 'awaited',
    },
    {
      name: 'the first entry file in order',
      files: { 'handler.mjs': '', 'index.ts': '', 'index.mjs': 'export default () => new Response("first")' },
      want: 'first',
    },
    {
      name: 'an entry file of the platform’s choice',
      files: { 'index.mjs': '', 'fn.mjs': 'export default () => new Response("fn")' },
      env: { FLINT_ENTRY_FILES: 'fn.mjs, index.mjs' },
      want: 'fn',
    },
    {
      name: 'a handler named by file and export',
      files: { 'src/api.mjs': 'export const list = () => new Response("list")' },
      env: { FLINT_HANDLER: 'src/api.list' },
      want: 'list',
    },
    {
      name: 'a handler named with its file’s extension',
      files: { 'api.mjs': 'export default () => new Response("mjs")', 'api.ts': '' },
      env: { FLINT_HANDLER: 'api.mjs.default' },
      want: 'mjs',
    },
    {
      name: 'an object with fetch, called as its method',
      files: { 'index.mjs': 'export default { text: "this", fetch() { return new Response(this.text) } }' },
      want: 'this',
    },
    {
      name: 'a worker, called with (request, env, context)',
      files: {
        'index.mjs': 'export default { fetch: (r, env, context) => new Response(env.GREETING + context.functionName) }',
      },
      env: { GREETING: 'hi ' },
      want: 'hi hello',
    },
    {
      name: 'a handler for node:http',
      files: { 'index.mjs': 'export default (req, res) => { res.end(req.method) }' },
      want: 'GET',
    },
    {
      name: 'a handler for node:http that nothing tells as one, forced',
      files: { 'index.mjs': 'export default (...args) => { args[1].end("forced") }' },
      env: { FLINT_SIGNATURE: 'http' },
      want: 'forced',
    },
  ];

  it.each(cases)('$name', async ({ files, env, want }) => {
    expect(await answerOf(files, env)).toBe(want);
  });

  it('a mounted ConfigMap, whose files are links, with a relative import', async () => {
    await using runtime = await RuntimeProcess.start({
      files: {
        'index.mjs': 'import { a } from "./a.mjs"; export default () => new Response(a)',
        'a.mjs': 'export const a = "sibling"',
      },
      isConfigMap: true,
    });
    const response = await fetch(await runtime.url());
    expect(await response.text()).toBe('sibling');
  });

  it('says once which handler was chosen, and why', async () => {
    await using runtime = await RuntimeProcess.start({
      files: { 'index.mjs': 'export default (req, res) => res.end()' },
    });
    await runtime.url();
    expect(runtime.lines).toMatchObject([
      {
        level: 'info',
        message: 'serving',
        handler: 'index.mjs.default',
        signature: 'http',
        because: 'its second parameter is named res',
      },
    ]);
  });
});

describe('code that does not', () => {
  const cases: {
    name: string;
    files: Files;
    env?: Record<string, string>;
    wantCode: number;
    wantReason: string;
  }[] = [
    {
      name: 'a syntax error in an ES module',
      files: { 'index.mjs': 'export default () => {\n  return 1;\n  }};\n' },
      wantCode: 65,
      wantReason: "SyntaxError: Unexpected token '}' (index.mjs:3:4)",
    },
    {
      name: 'a syntax error in a sibling',
      files: { 'index.mjs': 'import "./lib/a.mjs"', 'lib/a.mjs': '\nconst a = ;' },
      wantCode: 65,
      wantReason: "SyntaxError: Unexpected token ';' (lib/a.mjs:2:11)",
    },
    {
      name: 'a syntax error in CommonJS',
      files: { 'index.cjs': 'module.exports = () => {\n}};' },
      wantCode: 65,
      wantReason: "SyntaxError: Unexpected token '}' (index.cjs:2:2)",
    },
    {
      name: 'TypeScript that needs more than its types removed',
      files: { 'index.ts': 'export default 1;\nenum Colour { Red }' },
      wantCode: 65,
      wantReason: 'SyntaxError: TypeScript enum is not supported in strip-only mode (index.ts:2:1)',
    },
    {
      name: 'inline TypeScript that needs more than its types removed',
      files: { 'index.mjs': 'export default (): number => 1;\nenum Colour { Red }' },
      wantCode: 65,
      wantReason: 'SyntaxError: TypeScript enum is not supported in strip-only mode (index.mjs:2:1)',
    },
    {
      name: 'the same in a sibling',
      files: { 'index.mjs': 'import "./a.mjs"', 'a.mjs': 'namespace A { export const a = 1 }' },
      wantCode: 65,
      wantReason: 'SyntaxError: TypeScript namespace declaration is not supported in strip-only mode (a.mjs:1:1)',
    },
    {
      name: 'CommonJS in inline source',
      files: { 'index.mjs': 'exports.handler = async (event) => ({ statusCode: 200 });' },
      wantCode: 65,
      wantReason: `ReferenceError: exports is not defined in ES module scope (index.mjs:1:1); ${esModule}`,
    },
    {
      name: 'a require in inline source',
      files: { 'index.mjs': 'const fs = require("node:fs");' },
      wantCode: 65,
      wantReason: `ReferenceError: require is not defined in ES module scope, you can use import instead (index.mjs:1:12); ${esModule}`,
    },
    {
      name: 'a module that throws',
      files: { 'index.mjs': 'const config = undefined;\nexport const port = config.port;' },
      wantCode: 65,
      wantReason: "TypeError: Cannot read properties of undefined (reading 'port') (index.mjs:2:28)",
    },
    {
      name: 'a module that throws no error',
      files: { 'index.mjs': 'throw "no database"' },
      wantCode: 65,
      wantReason: "index.mjs threw 'no database'",
    },
    {
      name: 'a missing sibling',
      files: { 'index.mjs': 'import "./gone.mjs"' },
      wantCode: 65,
      wantReason: "Error: Cannot find module './gone.mjs' imported from index.mjs (index.mjs)",
    },
    {
      name: 'a sibling of a sibling, named as the import has it',
      files: { 'index.mjs': 'import "./lib/a.mjs"', 'lib/a.mjs': 'import "../gone"' },
      wantCode: 65,
      wantReason: "Error: Cannot find module '../gone' imported from lib/a.mjs (index.mjs)",
    },
    {
      name: 'a missing sibling of CommonJS',
      files: { 'index.cjs': 'require("./gone")' },
      wantCode: 65,
      wantReason: "Error: Cannot find module './gone' (index.cjs)",
    },
    {
      name: 'a missing package',
      files: { 'index.mjs': 'import "left-pad"' },
      wantCode: 65,
      wantReason: `Error: Cannot find package 'left-pad' imported from index.mjs (index.mjs)${bundleIt}`,
    },
    {
      name: 'a missing package of CommonJS',
      files: { 'index.cjs': 'require("left-pad")' },
      wantCode: 65,
      wantReason: `Error: Cannot find module 'left-pad' (index.cjs)${bundleIt}`,
    },
    {
      name: 'a name that a sibling does not export',
      files: { 'index.mjs': 'import { b } from "./a.mjs"', 'a.mjs': 'export const a = 1' },
      wantCode: 65,
      wantReason: "SyntaxError: The requested module './a.mjs' does not provide an export named 'b' (index.mjs:1:10)",
    },
    {
      name: 'an error that nothing catches while loading',
      files: {
        'index.mjs': 'setTimeout(() => { throw new Error("late") }, 1); await new Promise((r) => setTimeout(r, 5000))',
      },
      wantCode: 65,
      wantReason: 'Error: late',
    },
    {
      name: 'a top-level await that nothing settles',
      files: { 'index.mjs': 'await new Promise(() => {}); export default () => new Response()' },
      wantCode: 65,
      wantReason: 'the module awaits something that never settles while loading',
    },
    {
      name: 'a module that ends the process',
      files: { 'index.mjs': 'process.exit(3)' },
      wantCode: 65,
      wantReason: 'the module ended the process with code 3 while loading',
    },
    {
      name: 'no file of a known name',
      files: { 'app.py': '' },
      wantCode: 66,
      wantReason:
        'no entry file (index.mjs, index.js, index.cjs, index.ts, index.mts, index.cts, …), and spec.handler names none; there is: app.py',
    },
    {
      name: 'a handler file that does not exist',
      files: { 'index.mjs': '' },
      env: { FLINT_HANDLER: 'api.list' },
      wantCode: 66,
      wantReason: "the handler's file 'api' does not exist; there is: index.mjs",
    },
    {
      name: 'a handler that is no file and export',
      files: { 'index.mjs': '' },
      env: { FLINT_HANDLER: 'list' },
      wantCode: 66,
      wantReason: "the handler 'list' is not of the form file.export, such as index.handler",
    },
    {
      name: 'a handler outside the code',
      files: { 'index.mjs': '' },
      env: { FLINT_HANDLER: '../../etc/index.handler' },
      wantCode: 66,
      wantReason: "the handler '../../etc/index.handler' is outside the function's code",
    },
    {
      name: 'a missing export',
      files: { 'index.mjs': 'export default () => {}; export const bar = 1' },
      env: { FLINT_HANDLER: 'index.foo' },
      wantCode: 66,
      wantReason: "index.mjs has no export 'foo'; it exports: bar, default",
    },
    {
      name: 'no default export',
      files: { 'index.cjs': 'exports.bar = 1' },
      wantCode: 66,
      wantReason: 'index.cjs has no default export; it exports: bar',
    },
    {
      name: 'no export at all',
      files: { 'index.mjs': '' },
      wantCode: 66,
      wantReason: 'index.mjs has no default export; it exports nothing',
    },
    {
      name: 'a default export that nothing can call',
      files: { 'index.mjs': 'export default { get() {} }' },
      wantCode: 66,
      wantReason:
        'index.mjs.default is an object without a method fetch; a handler is a function, or an object with a method fetch',
    },
    {
      name: 'no code',
      files: {},
      env: { FLINT_CODE_PATH: '/nowhere' },
      wantCode: 66,
      wantReason: 'the code path /nowhere cannot be read: ENOENT',
    },
    {
      name: 'wrong settings, all of them told',
      files: { 'index.mjs': '' },
      env: { PORT: '80a', FLINT_DRAIN_TIMEOUT: '30', FLINT_SIGNATURE: 'express' },
      wantCode: 64,
      wantReason:
        "PORT is '80a': expected a number from 0 to 65535; FLINT_SIGNATURE is 'express': expected auto, fetch, http, lambda, " +
        'google-http, google-event, cloudevent, knative or openfaas; ' +
        "FLINT_DRAIN_TIMEOUT is '30': expected a duration such as 500ms, 30s or 1h30m",
    },
    {
      name: 'a port that cannot be had',
      files: { 'index.mjs': 'export default () => new Response()' },
      env: { HOST: '192.0.2.1' },
      wantCode: 64,
      wantReason: 'cannot listen on port 0: EADDRNOTAVAIL',
    },
  ];

  it.each(cases)('$name', async ({ files, env = {}, wantCode, wantReason }) => {
    const { code, reason, lines } = await failToStart({ files, env });
    expect(reason).toBe(wantReason);
    expect(code).toBe(wantCode);
    expect(lines.at(-1)).toMatchObject({ level: 'fatal', message: reason });
    expect(lines.filter((line) => 'notJson' in line)).toEqual([]);
  });

  it('positions of a mounted ConfigMap are told by the name its author gave the file', async () => {
    const { reason } = await failToStart({ files: { 'index.mjs': '\nnull.x' }, isConfigMap: true });
    expect(reason).toBe("TypeError: Cannot read properties of null (reading 'x') (index.mjs:2:6)");
  });

  it('a termination log that cannot be written does not hide the reason', async () => {
    const { code, lines } = await failToStart({ files: {}, env: { FLINT_TERMINATION_LOG: '/nowhere/log' } });
    expect(code).toBe(66);
    expect(lines).toMatchObject([{ level: 'fatal' }, { level: 'warn', path: '/nowhere/log' }]);
  });
});
