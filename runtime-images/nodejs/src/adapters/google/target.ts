import type { LoadedModule, PickedExport } from '../../loader/exports.ts';
import { listExports } from '../../loader/exports.ts';
import { hasMembers } from '../../members.ts';
import { StartFailure } from '../../start-failure.ts';

/**
 * The export that FUNCTION_TARGET means, which may be a path (`api.list`). An export named `function` stands in for a target
 * that is not there, as in the framework.
 *
 * @throws StartFailure that says what the module does export
 */
export function pickTarget({ file, exports }: LoadedModule, target: string): PickedExport {
  const name = memberAt(exports, target) === undefined ? 'function' : target;
  const value = memberAt(exports, name);
  if (value === undefined) {
    const message = `${file} has no export '${target}', which FUNCTION_TARGET means; ${listExports(exports)}`;
    throw new StartFailure('HandlerNotFound', message);
  }
  return { name: `${file}.${name}`, exportName: name, value, siblings: exports };
}

function memberAt(exports: LoadedModule['exports'], path: string): unknown {
  const [first = '', ...rest] = path.split('.');
  return rest.reduce<unknown>(
    (value, member) => (hasMembers(value) ? value[member] : undefined),
    exports.get(first) ?? memberOfDefault(exports, first),
  );
}

/** `export default { api }` has its members one level down. */
function memberOfDefault(exports: LoadedModule['exports'], name: string): unknown {
  const holder = exports.get('default');
  return hasMembers(holder) && Object.hasOwn(holder, name) ? holder[name] : undefined;
}
