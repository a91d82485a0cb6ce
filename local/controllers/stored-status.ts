import { isDeepStrictEqual } from 'node:util';

/** Whether `status` is what is stored: a server leaves out counts of 0 and empty lists. */
export function isStored(status: object, stored: object | undefined): boolean {
  const leftOut = Object.entries(status).filter(([, value]) => value === 0 || isDeepStrictEqual(value, []));
  return isDeepStrictEqual({ ...Object.fromEntries(leftOut), ...stored }, { ...status });
}
