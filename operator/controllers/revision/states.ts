/** True when `live` has everything that `desired` states; what a server filled in besides does not count. */
export function states(live: unknown, desired: unknown): boolean {
  if (Array.isArray(desired)) {
    return (
      Array.isArray(live) && live.length === desired.length && desired.every((item, index) => states(live[index], item))
    );
  }
  if (typeof desired !== 'object' || desired === null) {
    return live === desired;
  }
  return (
    typeof live === 'object' &&
    live !== null &&
    Object.entries(desired).every(
      ([name, value]) => value === undefined || states((live as Record<string, unknown>)[name], value),
    )
  );
}
