import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { FunctionRoute } from '../routing/route.ts';
import type { Exchange } from './exchange.ts';
import { responseHeaders } from './headers.ts';
import type { Proxy } from './proxy.ts';

/**
 * WebSockets and other protocols that a connection switches to: once the function agrees, bytes pass both ways and the
 * exchange counts as in flight until either side closes.
 */
export async function forwardUpgrade(
  proxy: Proxy,
  exchange: Exchange,
  { route, socket, head }: { readonly route: FunctionRoute; readonly socket: Duplex; readonly head: Buffer },
): Promise<void> {
  const { request } = exchange;
  const { lease, answer, timeouts } = await proxy.reach(exchange, route, {
    headers: ['Connection', 'Upgrade', 'Upgrade', request.headers.upgrade ?? ''],
    write: (outgoing) => {
      outgoing.end();
    },
  });
  // A tunnel lasts as long as its ends want.
  timeouts.stop();
  exchange.status = answer.response.statusCode ?? 0;
  try {
    if (answer.kind === 'response') {
      await refuse(answer.response, socket);
      return;
    }
    socket.write(
      renderHead(answer.response, ['Connection', 'Upgrade', 'Upgrade', answer.response.headers.upgrade ?? '']),
    );
    socket.write(answer.head);
    answer.socket.write(head);
    await Promise.allSettled([pipeline(socket, answer.socket), pipeline(answer.socket, socket)]);
  } finally {
    lease.release();
    socket.destroy();
  }
}

/** The function did not switch: its answer is passed on, and the connection ends with it. */
async function refuse(response: IncomingMessage, socket: Duplex): Promise<void> {
  socket.write(renderHead(response, ['Connection', 'close']));
  await pipeline(response, socket);
}

function renderHead(response: IncomingMessage, own: readonly string[]): string {
  const headers = [...responseHeaders(response.rawHeaders, response.headers.connection), ...own];
  const lines = [`HTTP/1.1 ${response.statusCode ?? 502} ${response.statusMessage ?? ''}`];
  for (let index = 0; index + 1 < headers.length; index += 2) {
    lines.push(`${headers[index] ?? ''}: ${headers[index + 1] ?? ''}`);
  }
  return `${lines.join('\r\n')}\r\n\r\n`;
}
