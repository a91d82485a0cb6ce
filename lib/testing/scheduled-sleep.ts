import type { Clock } from '../clock.ts';

/** `sleep` of a clock, by its `schedule`. */
export function scheduledSleep(clock: Pick<Clock, 'schedule'>, ms: number, signal?: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const fail = (): void => {
    cancel();
    reject(signal?.reason as Error);
  };
  const cancel = clock.schedule(ms, () => {
    signal?.removeEventListener('abort', fail);
    resolve();
  });
  if (signal?.aborted === true) {
    fail();
  }
  signal?.addEventListener('abort', fail, { once: true });
  return promise;
}
