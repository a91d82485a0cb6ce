import type { Clock } from '../../lib/clock.ts';
import type { Exchange } from './exchange.ts';

const probeEveryMs = 1000;

/**
 * While more of a body waits than fits the buffers nobody reads from its connection, and so nobody notices that the client
 * has left. What can be noticed without reading is a connection that is broken: writing nothing to it fails, and closes it.
 * An orderly end stands behind the rest of the body, and is seen when that has been read.
 * @returns stops it.
 */
export function watchForBreak(exchange: Exchange, clock: Clock): () => void {
  let cancel = (): void => undefined;
  const probeLater = (): void => {
    cancel = clock.schedule(probeEveryMs, () => {
      void probe(exchange);
      probeLater();
    });
  };
  if (!exchange.request.complete) {
    probeLater();
  }
  return () => {
    cancel();
  };
}

/** Resolves at once for a connection that is being read from: there a break tells itself. */
export async function probe(exchange: Exchange): Promise<void> {
  const { request } = exchange;
  const { socket } = request;
  if (request.complete || !socket.isPaused() || !socket.writable || socket.writableLength > 0) {
    return;
  }
  const { promise, resolve } = Promise.withResolvers<undefined>();
  socket.write('', (error) => {
    if (error) {
      exchange.abandon();
    }
    resolve(undefined);
  });
  await promise;
}
