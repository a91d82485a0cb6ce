import type { Exported } from '../adapters/adapter.ts';
import { hasMembers, hasMethod } from '../members.ts';
import { StartFailure } from '../start-failure.ts';

/** A namespace as `import()` gives it. */
export type ModuleExports = Readonly<Record<string, unknown>>;

/** The user's module, as its author sees it. */
export interface LoadedModule {
  /** Relative to the code path. */
  readonly file: string;
  /** By name; none is undefined. */
  readonly exports: ReadonlyMap<string, unknown>;
  /** The export that `spec.handler` names. */
  readonly wanted: string | undefined;
}

export interface PickedExport extends Exported {
  readonly exportName: string;
}

/**
 * @param usualNames what to look for, in this order, when `spec.handler` names no export
 * @throws StartFailure that says what the module does export
 */
export function pickExport({ file, exports, wanted }: LoadedModule, usualNames: readonly string[]): PickedExport {
  const names = wanted === undefined ? usualNames : [wanted];
  const exportName = names.find((candidate) => exports.has(candidate));
  if (exportName === undefined) {
    const missing = wanted === undefined ? 'no default export' : `no export '${wanted}'`;
    throw new StartFailure('HandlerNotFound', `${file} has ${missing}; ${listExports(exports)}`);
  }
  return { name: `${file}.${exportName}`, exportName, value: exports.get(exportName), siblings: exports };
}

export function listExports(exports: LoadedModule['exports']): string {
  return exports.size === 0 ? 'it exports nothing' : `it exports: ${[...exports.keys()].join(', ')}`;
}

/**
 * What the author exported. Of CommonJS, Node shows `module.exports` as the default and its members beside it, as far as it
 * can tell them; a compiler leaves `__esModule` and the default one level down.
 */
export function exportsOf(namespace: ModuleExports): ReadonlyMap<string, unknown> {
  return new Map(authored(namespace).filter(([, value]) => value !== undefined));
}

function authored(namespace: ModuleExports): [string, unknown][] {
  if (!('module.exports' in namespace)) {
    return Object.entries(namespace);
  }
  const own = namespace['module.exports'];
  // `module.exports = { fetch() {} }` is the handler itself, `exports.handler = …` holds it.
  if (typeof own !== 'object' || own === null || hasMethod(own, 'fetch')) {
    return [['default', own], ...entries(own)];
  }
  return entries(own);
}

function entries(own: unknown): [string, unknown][] {
  return hasMembers(own) ? Object.entries(own).filter(([key]) => key !== '__esModule') : [];
}
