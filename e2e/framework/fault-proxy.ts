import { once } from 'node:events';
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream';

/** What the proxy does with requests; what is open when it changes is cut. */
export type Fault =
  | { readonly kind: 'none' }
  /** Every connection is closed, as by a server that is gone. */
  | { readonly kind: 'unreachable' }
  /** Nothing is ever answered, as by a peer that lost power; what is open stays open and silent. */
  | { readonly kind: 'silent' }
  | { readonly kind: 'answers'; readonly status: number; readonly retryAfterSeconds?: number }
  | { readonly kind: 'slow'; readonly ms: number };

/** Stands between Flint and its API server, and disturbs what goes through. */
export interface FaultProxy {
  readonly url: string;
  set(fault: Fault): void;
  close(): Promise<void>;
}

/** @param upstream `http://127.0.0.1:6443` */
export async function startFaultProxy(upstream: string): Promise<FaultProxy> {
  let fault: Fault = { kind: 'none' };
  const server = createServer((request, response) => {
    handle({ request, response, upstream }, fault);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    set: (next) => {
      fault = next;
      if (next.kind !== 'silent') {
        server.closeAllConnections();
      }
    },
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly upstream: string;
}

function handle(exchange: Exchange, fault: Fault): void {
  const { request, response } = exchange;
  switch (fault.kind) {
    case 'none':
      forward(exchange);
      return;
    case 'unreachable':
      request.socket.destroy();
      return;
    case 'silent':
      return;
    case 'slow':
      setTimeout(forward, fault.ms, exchange);
      return;
    case 'answers': {
      const { status, retryAfterSeconds } = fault;
      const headers = retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) };
      response.writeHead(status, { 'content-type': 'text/plain', ...headers }).end('injected');
    }
  }
}

function forward({ request, response, upstream }: Exchange): void {
  const { method = 'GET', headers, url = '/' } = request;
  const onward = httpRequest(new URL(url, upstream), { method, headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    pipeline(answer, response, () => undefined);
  });
  onward.once('error', () => {
    response.destroy();
  });
  response.once('close', () => {
    onward.destroy();
  });
  pipeline(request, onward, () => undefined);
}
