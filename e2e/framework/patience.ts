/** Thrown when something that a story waits for does not come about; carries the last reason why not. */
class PatienceError extends Error {
  override readonly name = 'PatienceError';
}

/**
 * How long a step of a story may take by default. Real clusters are slower than the embedded one, and some machines than
 * others: it only ends what will never come, and proves nothing about how fast it does.
 */
export const patienceMs = 60_000;

export interface PatienceOptions {
  readonly withinMs?: number;
  readonly everyMs?: number;
}

/**
 * Asks again and again until `probe` returns something other than undefined. A throwing probe counts as "not yet".
 * @throws PatienceError with `what` and the last failure.
 */
export async function eventually<T>(
  what: string,
  probe: () => Promise<T | undefined> | T | undefined,
  options: PatienceOptions = {},
): Promise<T> {
  const withinMs = options.withinMs ?? patienceMs;
  const deadline = performance.now() + withinMs;
  let last: unknown = 'it never returned a value';
  while (performance.now() < deadline) {
    try {
      const value = await probe();
      if (value !== undefined) {
        return value;
      }
    } catch (error) {
      last = error;
    }
    await pause(options.everyMs ?? 50);
  }
  const reason = last instanceof Error ? last.message : String(last);
  throw new PatienceError(`not within ${withinMs} ms: ${what} (${reason})`);
}

/** Lets time pass; only for "and it stays so" steps. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
