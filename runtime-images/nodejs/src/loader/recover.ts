import { readFileSync } from 'node:fs';
import { registerHooks, stripTypeScriptTypes } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Log } from '../log.ts';
import { StartFailure } from '../start-failure.ts';
import type { ModuleExports } from './exports.ts';
import { describeFailure, positionInStack } from './failure.ts';
import type { Position } from './failure.ts';

export interface FailedImport {
  readonly url: string;
  /** Its name to the author, relative to the code path. */
  readonly file: string;
  /** The real path of the folder that `file` is relative to. */
  readonly folder: string;
  readonly log: Log;
}

/**
 * An `.mjs` file that is no JavaScript may be TypeScript: inline source has one file name, whatever it is written in. It is
 * tried only now because the type stripper takes 60 ms to load, which a function in JavaScript should not pay.
 *
 * @throws StartFailure with the original error and its place
 */
export async function recover(failed: FailedImport, error: unknown): Promise<ModuleExports> {
  const { folder, file } = failed;
  if (!isUnplacedSyntaxError(error)) {
    throw new StartFailure('CodeDidNotLoad', describeFailure(error, { folder, file }), { cause: error });
  }
  const { hooks, result } = stripTypesBelow(folder);
  try {
    const exports = (await import(failed.url)) as ModuleExports;
    failed.log.info('read as TypeScript what is named .mjs', { files: result.stripped });
    return exports;
  } catch (secondError) {
    hooks.deregister();
    const untyped = result.stripped.length > 0 && !isUnplacedSyntaxError(secondError) ? secondError : error;
    const cause = result.unsupported ?? untyped;
    const message = describeFailure(cause, { folder, file, position: result.position });
    throw new StartFailure('CodeDidNotLoad', message, { cause });
  }
}

/** V8 does not say where an ES module's syntax is wrong; CommonJS and TypeScript errors begin with their place. */
function isUnplacedSyntaxError(error: unknown): boolean {
  return error instanceof SyntaxError && (error.stack ?? '').startsWith('SyntaxError');
}

interface StripResult {
  readonly stripped: string[];
  /** Of the first file that is no TypeScript either. */
  position: Position | undefined;
  /** Of that file, when it is TypeScript of which more than types would have to be removed, such as an `enum`. */
  unsupported: Error | undefined;
}

function stripTypesBelow(folder: string): { hooks: { deregister(): void }; result: StripResult } {
  const result: StripResult = { stripped: [], position: undefined, unsupported: undefined };
  const prefix = pathToFileURL(`${folder}/`).href;
  const hooks = registerHooks({
    load: (url, context, nextLoad) => {
      if (!url.startsWith(prefix) || !url.endsWith('.mjs')) {
        return nextLoad(url, context);
      }
      const path = fileURLToPath(url);
      const source = readFileSync(path, 'utf8');
      const javaScript = tryStrip(source, path, result);
      if (javaScript === undefined || javaScript === source) {
        return nextLoad(url, context);
      }
      result.stripped.push(path.slice(folder.length + 1));
      return { format: 'module', source: javaScript, shortCircuit: true };
    },
  });
  return { hooks, result };
}

function tryStrip(source: string, path: string, result: StripResult): string | undefined {
  try {
    return stripTypeScriptTypes(source);
  } catch (error) {
    if (result.position === undefined) {
      const { code, stack = '' } = error as NodeJS.ErrnoException;
      const place = positionInStack(stack);
      result.position = { path, line: place?.line ?? 1, column: place?.column };
      // Otherwise its words are another parser's; of its error only the place is wanted.
      result.unsupported = code === 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX' ? (error as Error) : undefined;
    }
    return undefined;
  }
}
