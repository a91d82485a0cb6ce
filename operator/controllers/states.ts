import { tryParseQuantity } from '../../lib/kube/quantity.ts';

/**
 * True when `live` has everything that `desired` states; what a server filled in besides does not count. Nor does how a
 * server writes things: it leaves out what is empty, and writes quantities in its own way (`0.5` becomes `500m`).
 */
export function states(live: unknown, desired: unknown): boolean {
  if (live === undefined) {
    return isEmpty(desired);
  }
  if (Array.isArray(desired)) {
    return (
      Array.isArray(live) && live.length === desired.length && desired.every((item, index) => states(live[index], item))
    );
  }
  return typeof desired === 'object' && desired !== null
    ? statesAll(live, desired)
    : live === desired || isSameQuantity(live, desired);
}

/** Booleans of a Pod that are the same when false and when absent. Of others, such as automounting, absent may mean true. */
const falseIsAbsent: readonly string[] = ['readOnly', 'hostNetwork', 'hostPID', 'hostIPC', 'stdin', 'stdinOnce', 'tty'];

function statesAll(live: unknown, desired: object): boolean {
  if (typeof live !== 'object' || live === null) {
    return false;
  }
  return Object.entries(desired).every(([name, value]) => {
    const found = (live as Readonly<Record<string, unknown>>)[name];
    return states(found, value) || (found === undefined && value === false && falseIsAbsent.includes(name));
  });
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === '' || (typeof value === 'object' && Object.keys(value ?? {}).length === 0);
}

function isSameQuantity(live: unknown, desired: unknown): boolean {
  const [a, b] = [live, desired].map((value) =>
    typeof value === 'string' || typeof value === 'number' ? tryParseQuantity(value) : undefined,
  );
  return a !== undefined && a === b;
}
