import type { Clock } from '../clock.ts';

/** The part of a socket that is looked at. */
export interface Peer {
  /** Grows with whatever the other side says. */
  readonly bytesRead: number;
  destroy(error: Error): unknown;
  once(event: 'close', listener: () => void): unknown;
}

/** Looks in a row that find no byte since the one before: an answer that is late once is no death. */
const mostSilentLooks = 3;

/**
 * Destroys the connection, with everything on it, of a peer that is asked for a sign of life every `everyMs` and gives none:
 * after three to four times that. Looks are counted, not time: a process that stood still itself has not heard an answer yet.
 */
export function destroyWhenDead(
  peer: Peer,
  { clock, everyMs }: { readonly clock: Clock; readonly everyMs: number },
): void {
  let [heard, silentLooks] = [peer.bytesRead, 0];
  const look = (): void => {
    silentLooks = peer.bytesRead === heard ? silentLooks + 1 : 0;
    heard = peer.bytesRead;
    if (silentLooks < mostSilentLooks) {
      cancel = clock.schedule(everyMs, look);
      return;
    }
    peer.destroy(new Error(`the server gave no sign of life for ${(everyMs * mostSilentLooks) / 1000} s`));
  };
  let cancel = clock.schedule(everyMs, look);
  peer.once('close', () => {
    cancel();
  });
}
