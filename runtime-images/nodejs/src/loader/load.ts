import { fs, path, url } from '../builtin.ts';
import type { Config } from '../config.ts';
import type { Log } from '../log.ts';
import { StartFailure } from '../start-failure.ts';
import { exportsOf } from './exports.ts';
import type { LoadedModule, ModuleExports } from './exports.ts';
import { findEntry, parseHandler } from './entry.ts';
import { findFingerprint } from './fingerprint.ts';
import type { Fingerprint } from './fingerprint.ts';

export interface Loaded {
  readonly module: LoadedModule;
  readonly fingerprint: Fingerprint | undefined;
}

/**
 * Imports the user's module.
 *
 * @throws StartFailure that says what is missing, or where the module broke
 */
export async function loadModule(config: Config, log: Log): Promise<Loaded> {
  const { codePath, handler } = config;
  const wanted = handler === undefined ? undefined : parseHandler(handler);
  const files = listFiles(codePath);
  const file = findEntry(config, wanted, files);
  const exports = exportsOf(await importModule(codePath, file, log));
  const readText = (name: string): string => fs.readFileSync(path.join(codePath, name), 'utf8');
  return {
    module: { file, exports, wanted: wanted?.exportName },
    fingerprint: findFingerprint(files, readText),
  };
}

/** Every file at the top of the code path. What a mounted ConfigMap adds (`..data`) is nobody's file. */
function listFiles(codePath: string): string[] {
  try {
    return fs.readdirSync(codePath).filter((name) => !name.startsWith('..'));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new StartFailure('HandlerNotFound', `the code path ${codePath} cannot be read: ${code ?? String(error)}`);
  }
}

async function importModule(codePath: string, file: string, log: Log): Promise<ModuleExports> {
  // Node imports what a link points to, so this is the path that errors name.
  const target = fs.realpathSync(path.join(codePath, file));
  const { href } = url.pathToFileURL(target);
  try {
    return (await import(href)) as ModuleExports;
  } catch (error) {
    // Only a start that failed pays for the code that explains it.
    const { recover } = await import('./recover.ts');
    return recover({ url: href, file, folder: homeOf(target, file), log }, error);
  }
}

/**
 * Where the files really are. A mounted ConfigMap links `index.mjs` to `..data/index.mjs`, and `..data` to a folder of its
 * own; what is left of the entry file's path without its name is that folder.
 */
function homeOf(target: string, file: string): string {
  return target.endsWith(`/${file}`) ? target.slice(0, -file.length - 1) : path.dirname(target);
}
