import { path } from '../builtin.ts';

/** What could not be imported: its name to the author, and what Node says of it in one line. */
export interface MissingModule {
  readonly kind: 'package' | 'file';
  readonly message: string;
}

/** Of an error that tells of a module that there is not; undefined of any other. */
export function findMissingModule({ code, message }: NodeJS.ErrnoException): MissingModule | undefined {
  if (code === 'MODULE_NOT_FOUND') {
    const [, name = ''] = /^Cannot find module '([^']*)'/u.exec(message) ?? [];
    return { kind: /^\.{0,2}\//u.test(name) ? 'file' : 'package', message };
  }
  if (code !== 'ERR_MODULE_NOT_FOUND') {
    return undefined;
  }
  const [, target, importer] = /^Cannot find module '(\/.*)' imported from (\/.*)$/u.exec(message) ?? [];
  if (target === undefined || importer === undefined) {
    return { kind: 'package', message };
  }
  return { kind: 'file', message: message.replace(target, () => specifierOf(target, importer)) };
}

/** Node says the path that it came to; the author wrote one from file to file, or else the whole of it. */
function specifierOf(target: string, importer: string): string {
  const way = path.relative(path.dirname(importer), target);
  const specifier = way.startsWith('../') ? way : `./${way}`;
  return specifier.length < target.length ? specifier : target;
}
