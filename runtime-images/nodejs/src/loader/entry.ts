import { fs, path } from '../builtin.ts';
import type { Config } from '../config.ts';
import { extensions } from '../config.ts';
import { StartFailure } from '../start-failure.ts';

export interface WantedHandler {
  /** Relative to the code path, with or without its extension. */
  readonly file: string;
  readonly exportName: string;
}

/** `index.handler`, `src/api.default`, `index.mjs.handler`: the last dot separates. @throws StartFailure */
export function parseHandler(handler: string): WantedHandler {
  const dot = handler.lastIndexOf('.');
  if (dot <= 0 || dot === handler.length - 1) {
    throw notFound(`the handler '${handler}' is not of the form file.export, such as index.handler`);
  }
  const file = path.normalize(handler.slice(0, dot));
  if (file.startsWith('..') || file.startsWith('/')) {
    throw notFound(`the handler '${handler}' is outside the function's code`);
  }
  return { file, exportName: handler.slice(dot + 1) };
}

/** The file to import. @throws StartFailure that says which files there are */
export function findEntry(config: Config, wanted: WantedHandler | undefined, files: readonly string[]): string {
  const there = files.length === 0 ? 'there are no files' : `there is: ${listShort(files)}`;
  if (wanted === undefined) {
    const entry = config.entryFiles.find((name) => files.includes(name));
    if (entry === undefined) {
      throw notFound(`no entry file (${listShort(config.entryFiles)}), and spec.handler names none; ${there}`);
    }
    return entry;
  }
  const suffixes = /\.[cm]?[jt]s$/u.test(wanted.file) ? ['', ...extensions] : extensions;
  const suffix = suffixes.find((candidate) => fs.existsSync(path.join(config.codePath, wanted.file + candidate)));
  if (suffix === undefined) {
    throw notFound(`the handler's file '${wanted.file}' does not exist; ${there}`);
  }
  return wanted.file + suffix;
}

const mostListed = 6;

function listShort(names: readonly string[]): string {
  return names.slice(0, mostListed).join(', ') + (names.length > mostListed ? ', …' : '');
}

function notFound(message: string): StartFailure {
  return new StartFailure('HandlerNotFound', message);
}
