import { once } from 'node:events';
import { createSecureServer, type Http2ServerResponse } from 'node:http2';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import type { Connection } from '../connection.ts';
import { makeCertificate } from './certificate.ts';

/** An API server as a client of a real cluster meets it: TLS and HTTP/2, behind something that may fall silent. */
export interface Http2Server {
  readonly connection: Connection;
  /** How many connections have been made. */
  readonly connections: number;
  /** From now on the connections that there are bring nothing and take nothing, and stay open; new ones are served. */
  stall(): void;
  close(): Promise<void>;
}

const bookmark = '{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"1"}}}\n';

/** Every object is `{}`; every watch brings a bookmark and stays. */
export async function serveHttp2(): Promise<Http2Server> {
  const certificate = makeCertificate();
  const server = createSecureServer({ ...certificate, allowHTTP1: false }, ({ url }, response) => {
    answer(url, response);
  });
  const port = await listen(server);
  const pairs: (readonly [Socket, Socket])[] = [];
  const proxy = createServer((near) => {
    const far = connect(port, '127.0.0.1');
    near.pipe(far).pipe(near);
    near.on('error', () => far.destroy());
    far.on('error', () => near.destroy());
    pairs.push([near, far]);
  });
  const url = `https://127.0.0.1:${await listen(proxy)}`;
  return {
    connection: { url, serverName: 'localhost', ca: certificate.cert },
    get connections() {
      return pairs.length;
    },
    stall: () => {
      for (const [near, far] of pairs) {
        near.unpipe(far).pause();
        far.unpipe(near).pause();
      }
    },
    close: async () => {
      pairs.flat().forEach((socket) => socket.destroy());
      await Promise.all([server, proxy].map((each) => new Promise((resolve) => each.close(resolve))));
    },
  };
}

function answer(url: string, response: Http2ServerResponse): void {
  if (url.includes('watch=1')) {
    response.write(bookmark);
  } else {
    response.end('{}');
  }
}

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}
