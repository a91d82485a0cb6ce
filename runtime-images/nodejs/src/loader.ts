import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { exitCodes, ExitError } from './exit.ts';

/** Files that hold the handler when `FLINT_HANDLER` does not say, in order. */
export const entryFiles = [
  'index.mjs',
  'index.js',
  'index.cjs',
  'index.ts',
  'index.mts',
  'function.mjs',
  'function.js',
  'function.ts',
  'handler.mjs',
  'handler.js',
  'handler.ts',
];
const extensions = ['', '.mjs', '.js', '.cjs', '.ts', '.mts'];

export type ModuleExports = Readonly<Record<string, unknown>>;

export interface LoadedHandler {
  /** The exported value, function or object. */
  readonly value: unknown;
  /** `index.mjs.default`. */
  readonly name: string;
}

/** Imports the user's module and finds the handler in it. @throws ExitError saying what is missing or where it broke */
export async function loadHandler(codePath: string, handler: string | undefined): Promise<LoadedHandler> {
  const wanted = parseHandler(handler);
  const file = wanted === undefined ? findEntry(codePath) : findFile(codePath, wanted.file);
  const exports = await importFile(codePath, file);
  const name = wanted?.name ?? defaultExport(exports);
  const value = name === undefined ? undefined : readExport(exports, name);
  if (name === undefined || value === undefined) {
    const found = Object.keys(exports).filter((key) => key !== '__esModule' && key !== 'module.exports');
    const what = found.length === 0 ? 'it exports nothing' : `it exports: ${found.join(', ')}`;
    throw notFound(`${file} has no ${wanted === undefined ? 'default export' : `export '${wanted.name}'`}; ${what}`);
  }
  return { value, name: `${file}.${name}` };
}

function parseHandler(handler: string | undefined): { readonly file: string; readonly name: string } | undefined {
  if (handler === undefined || handler === '') {
    return undefined;
  }
  const dot = handler.lastIndexOf('.');
  if (dot <= 0 || dot === handler.length - 1) {
    throw notFound(`the handler '${handler}' is not of the form file.export, such as index.handler`);
  }
  return { file: handler.slice(0, dot), name: handler.slice(dot + 1) };
}

function findEntry(codePath: string): string {
  const file = entryFiles.find((name) => existsSync(join(codePath, name)));
  if (file !== undefined) {
    return file;
  }
  throw notFound(`${codePath} has none of ${entryFiles.join(', ')}; it has: ${listFiles(codePath)}`);
}

function findFile(codePath: string, wanted: string): string {
  const extension = extensions.find((candidate) => existsSync(join(codePath, wanted + candidate)));
  if (extension === undefined) {
    throw notFound(`the handler's file '${wanted}' does not exist; there are: ${listFiles(codePath)}`);
  }
  return wanted + extension;
}

/** A mounted ConfigMap holds links of its own (`..data`), which are nobody's files. */
function listFiles(codePath: string): string {
  try {
    const names = readdirSync(codePath).filter((name) => !name.startsWith('..'));
    return names.length === 0 ? 'nothing' : names.join(', ');
  } catch {
    return `no folder ${codePath}`;
  }
}

async function importFile(codePath: string, file: string): Promise<ModuleExports> {
  const path = realpathSync(join(codePath, file));
  try {
    return (await import(pathToFileURL(path).href)) as ModuleExports;
  } catch (error) {
    throw new ExitError(exitCodes.codeDidNotLoad, 'CodeDidNotLoad', describe(error, path, file), { cause: error });
  }
}

/** `SyntaxError: Unexpected token '}' (index.mjs:3:5)`. */
function describe(error: unknown, path: string, file: string): string {
  if (!(error instanceof Error)) {
    return `${file} threw ${String(error)}`;
  }
  const line = error.message.split('\n')[0] ?? '';
  const position = positionOf(error.stack ?? '', path) || syntaxPosition(error, path);
  return `${error.name}: ${line} (${file}${position})`;
}

/** The loader keeps the place of a syntax error to itself; a check of the file tells it. Only on the way out: it takes 50 ms. */
function syntaxPosition(error: Error, path: string): string {
  if (!(error instanceof SyntaxError)) {
    return '';
  }
  const { stderr } = spawnSync(process.execPath, ['--check', path], { encoding: 'utf8' });
  const first = stderr.split('\n', 1).join();
  return /:(?<line>[0-9]+)$/u.exec(first)?.[0] ?? '';
}

/** The first place of a stack that is in the user's own files, as `:LINE` or `:LINE:COLUMN`. */
function positionOf(stack: string, path: string): string {
  const at = stack.split('\n').find((line) => line.includes(path));
  const position = at === undefined ? undefined : /:(?<where>[0-9]+(:[0-9]+)?)\)?$/u.exec(at)?.groups?.['where'];
  return position === undefined ? '' : `:${position}`;
}

function defaultExport(exports: ModuleExports): string | undefined {
  return exports['default'] === undefined ? undefined : 'default';
}

/** CommonJS exports are found below `default` too. */
function readExport(exports: ModuleExports, name: string): unknown {
  const direct = exports[name];
  if (direct !== undefined) {
    return unwrap(name, direct);
  }
  const inner = exports['default'];
  return typeof inner === 'object' && inner !== null ? (inner as ModuleExports)[name] : undefined;
}

/** A module that a compiler turned into CommonJS keeps its default export one level down. */
function unwrap(name: string, value: unknown): unknown {
  const isCompiled = name === 'default' && typeof value === 'object' && value !== null && '__esModule' in value;
  return isCompiled ? (value as ModuleExports)['default'] : value;
}

function notFound(message: string): ExitError {
  return new ExitError(exitCodes.handlerNotFound, 'HandlerNotFound', message);
}
