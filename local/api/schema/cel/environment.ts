import { Environment } from '@marcbachmann/cel-js';

/** CEL as rules of schemas use it: fields may be missing, integers and texts may stand in one list. */
export function makeEnvironment(): Environment {
  return new Environment({
    unlistedVariablesAreDyn: true,
    homogeneousAggregateLiterals: false,
    enableOptionalTypes: true,
  });
}
