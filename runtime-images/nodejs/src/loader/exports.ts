import type { Exported } from '../adapters/adapter.ts';
import { StartFailure } from '../start-failure.ts';

export type ModuleExports = Readonly<Record<string, unknown>>;

/** Looked for in this order when no export is named. */
const usualNames = ['default', 'handler'];

/** @throws StartFailure that says what the module does export */
export function pickExport(file: string, exports: ModuleExports, wanted: string | undefined): Exported {
  const candidates = withoutInterop(exports);
  const names = wanted === undefined ? usualNames : [wanted];
  const name = names.find((candidate) => candidates.get(candidate) !== undefined);
  if (name === undefined) {
    const found = [...candidates.keys()].join(', ');
    const what = found === '' ? 'it exports nothing' : `it exports: ${found}`;
    const missing = wanted === undefined ? 'no default export' : `no export '${wanted}'`;
    throw new StartFailure('HandlerNotFound', `${file} has ${missing}; ${what}`);
  }
  return { name: `${file}.${name}`, value: candidates.get(name) };
}

/**
 * What the author exported. Of CommonJS, Node shows `module.exports` as the default and its members beside it, as far as it
 * can tell them; a compiler leaves `__esModule` and the default one level down.
 */
function withoutInterop(exports: ModuleExports): Map<string, unknown> {
  if (!('module.exports' in exports)) {
    return new Map(Object.entries(exports));
  }
  const own = exports['module.exports'];
  if (typeof own !== 'object' || own === null || hasFetch(own)) {
    return new Map([['default', own], ...entries(own)]);
  }
  return new Map(entries(own));
}

function entries(own: unknown): [string, unknown][] {
  const hasMembers = (typeof own === 'object' && own !== null) || typeof own === 'function';
  return hasMembers ? Object.entries(own).filter(([key]) => key !== '__esModule') : [];
}

/** `module.exports = { fetch() {} }` is the handler itself, `exports.handler = …` holds it. */
function hasFetch(own: object): boolean {
  return typeof (own as { readonly fetch?: unknown }).fetch === 'function';
}
