/** A long-lived part of a process. `run` blocks until `signal` aborts and the part has drained, or throws. */
export interface Runnable {
  readonly name: string;
  run(signal: AbortSignal): Promise<void>;
}

/**
 * Runs all parts until `signal` aborts or one of them ends. The first failure stops the others and is thrown once they
 * have drained; a part that returns early without the signal counts as a failure, since nothing here is optional.
 */
export async function runAll(parts: readonly Runnable[], signal: AbortSignal): Promise<void> {
  const stop = new AbortController();
  const combined = AbortSignal.any([signal, stop.signal]);
  const results = await Promise.allSettled(
    parts.map(async (part) => {
      try {
        await part.run(combined);
        if (!combined.aborted) {
          throw new Error(`${part.name} ended although nobody stopped it`);
        }
      } finally {
        stop.abort(new Error(`${part.name} ended`));
      }
    }),
  );
  for (const result of results) {
    if (result.status === 'rejected' && !isStop(result.reason, combined)) {
      throw result.reason;
    }
  }
}

/** Waits for `promise`, but no longer than until `signal` aborts. A rejection is thrown while somebody still waits. */
export async function untilAborted(promise: Promise<unknown>, signal: AbortSignal): Promise<void> {
  if (signal.aborted) {
    return;
  }
  const { promise: aborted, resolve } = Promise.withResolvers<undefined>();
  const stop = (): void => {
    resolve(undefined);
  };
  signal.addEventListener('abort', stop, { once: true });
  try {
    await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

function isStop(reason: unknown, signal: AbortSignal): boolean {
  return reason === signal.reason || (reason instanceof Error && reason.name === 'AbortError');
}
