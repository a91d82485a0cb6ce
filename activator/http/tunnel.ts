import type { Duplex } from 'node:stream';
import { makeAnswerHeaders } from './answer.ts';
import type { Exchange } from './exchange.ts';
import { type FlowObserver, type FlowsObserver, startFlow } from './flow.ts';
import { renderHead, valuesOf } from './headers.ts';
import type { UpstreamUpgrade } from './upstream.ts';

/**
 * Joins the client and a replica that agreed on another protocol, both ways with back-pressure, each end of one side
 * passed on to the other. Resolves when both connections are closed.
 */
export async function joinUpgraded(
  exchange: Exchange,
  upgraded: UpstreamUpgrade,
  observer: FlowsObserver,
): Promise<void> {
  const client = exchange.upgrade;
  if (client === undefined) {
    upgraded.socket.destroy();
    throw new Error('the replica changed the protocol although nobody asked it to');
  }
  exchange.isUpgraded = true;
  exchange.response.statusCode = 101;
  client.write(makeHead(exchange, upgraded), 'latin1');
  if (upgraded.early.length > 0) {
    client.write(upgraded.early);
  }
  const destroyBoth = (): void => {
    client.destroy();
    upgraded.socket.destroy();
  };
  exchange.signal.addEventListener('abort', destroyBoth, { once: true });
  if (exchange.signal.aborted) {
    destroyBoth();
  }
  await Promise.all([
    pump(client, upgraded.socket, {
      ...observer.flows.flowOf(exchange),
      onChunk: (bytes) => {
        exchange.requestBytes += bytes;
        observer.onChunk();
      },
    }),
    pump(upgraded.socket, client, {
      ...observer.flows.flowOf(exchange),
      onChunk: (bytes) => {
        exchange.responseBytes += bytes;
        observer.onChunk();
      },
    }),
  ]);
  exchange.signal.removeEventListener('abort', destroyBoth);
}

/** One direction. Resolves when `source` is closed; a source that fails takes `sink` along. */
function pump(source: Duplex, sink: Duplex, observer: FlowObserver): Promise<undefined> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const close = (): void => {
    sink.destroy();
    resolve(undefined);
  };
  // Closed is all there is to know of a broken connection here; 'close' always follows.
  source.on('error', () => undefined);
  source.once('end', () => sink.end());
  source.once('close', () => {
    // What was written before still has to leave.
    if (source.readableEnded && !sink.writableFinished && !sink.destroyed) {
      sink.once('finish', close).once('close', close);
      sink.end();
    } else {
      close();
    }
  });
  startFlow(source, sink, observer);
  source.resume();
  if (source.destroyed) {
    close();
  }
  return promise;
}

function makeHead(exchange: Exchange, upgraded: UpstreamUpgrade): string {
  const [protocol = ''] = valuesOf(upgraded.headers, 'upgrade');
  const own = makeAnswerHeaders(exchange, upgraded.headers, false);
  return renderHead(101, upgraded.statusText, [...own, 'Connection', 'Upgrade', 'Upgrade', protocol]);
}
