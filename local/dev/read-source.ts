import type { Stats } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type LocalSource, SourceError } from './function-of.ts';

/** More is no function's own code; a ConfigMap with more keys helps nobody. */
const mostFiles = 200;
/** Read at most, so that a wrong folder does not fill the memory; what can be served is less. */
const largestFileBytes = 4 * 2 ** 20;

/** Reads a file, or the files of a folder. @throws SourceError that says what is wrong with it */
export async function readSource(path: string): Promise<LocalSource> {
  const found = await statOrRefuse(path);
  if (!found.isDirectory()) {
    return { path, kind: 'file', files: new Map([[basename(path), await readBounded(path)]]) };
  }
  const names = (await readdir(path)).filter((name) => !isPrivate(name)).sort();
  if (names.length > mostFiles) {
    throw new SourceError(`${path}: ${names.length} files, and ${mostFiles} are served at most; bundle them`);
  }
  const files = await Promise.all(
    names.map(async (name): Promise<[string, Buffer]> => {
      const file = join(path, name);
      if ((await statOrRefuse(file)).isDirectory()) {
        throw new SourceError(
          `${file}: a folder in a function's folder cannot be served, since a ConfigMap holds files only; ` +
            (name === 'node_modules'
              ? 'bundle what the function imports into its file'
              : 'move its files up, or bundle'),
        );
      }
      return [name, await readBounded(file)];
    }),
  );
  return { path, kind: 'folder', files: new Map(files) };
}

/** Hidden files (`.env`, `.git`), and what editors leave beside the file while they save it. */
function isPrivate(name: string): boolean {
  return name.startsWith('.') || name.startsWith('#') || name.endsWith('~') || name === '4913';
}

async function statOrRefuse(path: string): Promise<Stats> {
  try {
    return await stat(path);
  } catch (error) {
    throw refusal(path, error);
  }
}

async function readBounded(path: string): Promise<Buffer> {
  const { size } = await statOrRefuse(path);
  if (size > largestFileBytes) {
    throw new SourceError(
      `${path}: ${size} bytes are more than a function's code can have; bundle it, or make an image of it`,
    );
  }
  try {
    return await readFile(path);
  } catch (error) {
    throw refusal(path, error);
  }
}

function refusal(path: string, error: unknown): SourceError {
  const { code } = error as NodeJS.ErrnoException;
  const what = code === 'ENOENT' ? 'there is no such file or folder' : `it cannot be read: ${code ?? String(error)}`;
  return new SourceError(`${path}: ${what}`, { cause: error });
}
