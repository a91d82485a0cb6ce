import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Answer = (request: IncomingMessage, response: ServerResponse, body: string) => void;

export interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  /** Requests with the same number came over the same connection. */
  readonly connection: number;
}

export interface HttpServer {
  readonly url: string;
  readonly seen: readonly Seen[];
  close(): Promise<unknown>;
}

/** A server on loopback that answers each request with the next answer, the last one for good. */
export async function serve(answers: readonly Answer[]): Promise<HttpServer> {
  const next = [...answers];
  const seen: Seen[] = [];
  const connections: unknown[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      if (!connections.includes(request.socket)) {
        connections.push(request.socket);
      }
      const { method = '', url = '', headers } = request;
      seen.push({ method, url, headers, body, connection: connections.indexOf(request.socket) });
      (next.length > 1 ? next.shift() : next[0])?.(request, response, body);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A refusal without a `Status`, as a proxy gives it, or with one. */
export const refuse =
  (code: number, headers: Record<string, string> = {}, body?: object): Answer =>
  (_request, response) =>
    response.writeHead(code, headers).end(body === undefined ? 'not JSON' : JSON.stringify(body));
