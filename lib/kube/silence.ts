import type { Clock } from '../clock.ts';

/** The body of an answer, as undici gives it. */
export interface Body extends AsyncIterable<Uint8Array> {
  destroy(error?: Error): unknown;
}

/**
 * The bytes of an answer, as long as they come. @throws Error when none came for `silentMs`: the connection is half open, or
 * the server hangs.
 */
export async function* endWhenSilent(
  body: Body,
  { clock, silentMs }: { readonly clock: Clock; readonly silentMs: number },
): AsyncGenerator<Uint8Array, void, undefined> {
  const expire = (): void => {
    body.destroy(new Error(`the server was silent for ${silentMs / 1000} s`));
  };
  let cancel = clock.schedule(silentMs, expire);
  try {
    for await (const chunk of body) {
      cancel();
      cancel = clock.schedule(silentMs, expire);
      yield chunk;
    }
  } finally {
    cancel();
  }
}
