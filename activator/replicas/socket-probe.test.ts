import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';

import { afterEach, describe, expect, it } from 'vitest';

import { socketProbe } from './socket-probe.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close();
  }
});

async function listen(server: Server): Promise<{ readonly host: string; readonly port: number }> {
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { host: '127.0.0.1', port: (server.address() as AddressInfo).port };
}

const connect = { kind: 'connect' } as const;
const get = { kind: 'get', path: '/ready?x=1', headers: { 'x-probe': 'yes' } } as const;
const never = new AbortController().signal;

describe('socketProbe', () => {
  it('answers yes where somebody listens, and leaves no connection behind', async () => {
    const server = createServer();
    const endpoint = await listen(server);
    const accepted = once(server, 'connection') as Promise<[Socket]>;
    expect(await socketProbe(endpoint, connect, never)).toBe(true);
    const [socket] = await accepted;
    socket.resume();
    await once(socket, 'close');
  });

  it('answers no where nobody does', async () => {
    const server = createServer();
    const endpoint = await listen(server);
    server.close();
    await once(server, 'close');
    expect(await socketProbe(endpoint, connect, never)).toBe(false);
    expect(await socketProbe(endpoint, get, never)).toBe(false);
  });

  const statuses = [
    { status: 200, want: true },
    { status: 302, want: true },
    { status: 404, want: false },
    { status: 503, want: false },
  ];
  for (const { status, want } of statuses) {
    it(`takes ${status} for ${want ? 'yes' : 'no'}`, async () => {
      let seen: unknown;
      const endpoint = await listen(
        createHttpServer((request, response) => {
          seen = [request.url, request.headers['x-probe']];
          response.writeHead(status).end('body');
        }),
      );
      expect(await socketProbe(endpoint, get, never)).toBe(want);
      expect(seen).toEqual(['/ready?x=1', 'yes']);
    });
  }

  it('answers no when it is told to stop, before or while it asks', async () => {
    const silent = await listen(createServer());
    const stop = new AbortController();
    const answer = socketProbe(silent, get, stop.signal);
    stop.abort();
    expect(await answer).toBe(false);
    expect(await socketProbe(silent, connect, stop.signal)).toBe(false);
  });
});
