import type { Clock } from '../clock.ts';

export interface Deadline {
  readonly clock: Clock;
  readonly ms: number;
  /** What took too long: the reason of the signal. */
  readonly message: string;
}

/** What `body` comes to; the signal it gets aborts after so long. */
export async function withDeadline<T>(
  { clock, ms, message }: Deadline,
  body: (late: AbortSignal) => Promise<T>,
): Promise<T> {
  const late = new AbortController();
  const cancel = clock.schedule(ms, () => {
    late.abort(new Error(message));
  });
  try {
    return await body(late.signal);
  } finally {
    cancel();
  }
}
