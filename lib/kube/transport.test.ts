import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { FakeClock, settle } from '../testing/fake-clock.ts';
import type { Connection } from './connection.ts';
import { type HttpClient, createClient } from './http-client.ts';
import type { ConfigMap } from './objects.ts';
import { configMaps, deployments } from './resources.ts';

type Answer = (request: IncomingMessage, response: ServerResponse, body: string) => void;

interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  readonly connection: number;
}

const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) {
    await cleanUp();
  }
});

/** A server that answers each request with the next answer, the last one for good. */
async function serve(...answers: Answer[]): Promise<{ readonly url: string; readonly seen: Seen[] }> {
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
      (answers.length > 1 ? answers.shift() : answers[0])?.(request, response, body);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanUps.push(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen };
}

function connect(connection: Connection, clock = new FakeClock()): HttpClient {
  const client = createClient({ connection, clock, random: () => 0.5, userAgent: 'flint-test/1' });
  cleanUps.push(() => client.close());
  return client;
}

const map: ConfigMap = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'm', namespace: 'a' },
  data: { k: 'v' },
};
const at = { namespace: 'a', name: 'm' };

const ok: Answer = (_request, response) =>
  response.setHeader('content-type', 'application/json').end(JSON.stringify(map));
const refuse =
  (code: number, headers: Record<string, string> = {}, body?: object): Answer =>
  (_request, response) =>
    response.writeHead(code, headers).end(body === undefined ? 'not JSON' : JSON.stringify(body));

/** Lets the pauses between attempts pass, until the call has ended. */
async function through<T>(clock: FakeClock, call: Promise<T>): Promise<T> {
  const state = { ended: false };
  const isEnded = (): boolean => state.ended;
  const watched = call.finally(() => {
    state.ended = true;
  });
  watched.catch(() => undefined);
  for (let turn = 0; turn < 2000; turn++) {
    await settle();
    if (isEnded()) {
      break;
    }
    if (clock.pending > 0) {
      await clock.advance(1000);
    }
  }
  return watched;
}

describe('a call', () => {
  it('says who asks, keeps its connection, and goes below the path of the server', async () => {
    const { url, seen } = await serve(ok);
    const client = connect({ url: `${url}/k8s/clusters/c-1/`, token: 'secret' });
    await client.get(configMaps, at);
    await client.get(deployments, at);
    expect(seen.map(({ url: path }) => path)).toEqual([
      '/k8s/clusters/c-1/api/v1/namespaces/a/configmaps/m',
      '/k8s/clusters/c-1/apis/apps/v1/namespaces/a/deployments/m',
    ]);
    expect(seen[0]?.headers).toMatchObject({ authorization: 'Bearer secret', 'user-agent': 'flint-test/1' });
    for (let call = 0; call < 10; call++) {
      await client.get(configMaps, at);
    }
    // A call that begins in the very moment in which another one ends opens a second one.
    expect(new Set(seen.map(({ connection }) => connection)).size).toBeLessThanOrEqual(2);
  });

  const writes = [
    {
      name: 'create',
      call: (client: HttpClient) => client.create(configMaps, map, { fieldManager: 'x' }),
      want: { method: 'POST', url: '/api/v1/namespaces/a/configmaps?fieldManager=x', type: 'application/json' },
    },
    {
      name: 'apply',
      call: (client: HttpClient) => client.apply(configMaps, map, { fieldManager: 'x', force: true }),
      want: {
        method: 'PATCH',
        url: '/api/v1/namespaces/a/configmaps/m?fieldManager=x&force=true',
        type: 'application/apply-patch+yaml',
      },
    },
    {
      name: 'merge patch of the status',
      call: (client: HttpClient) =>
        client.mergePatch(configMaps, at, { status: {} }, { fieldManager: 'x', subresource: 'status' }),
      want: {
        method: 'PATCH',
        url: '/api/v1/namespaces/a/configmaps/m/status?fieldManager=x',
        type: 'application/merge-patch+json',
      },
    },
    {
      name: 'scale',
      call: (client: HttpClient) => client.setScale(deployments, at, 3, { fieldManager: 'x' }),
      want: {
        method: 'PATCH',
        url: '/apis/apps/v1/namespaces/a/deployments/m/scale?fieldManager=x',
        type: 'application/merge-patch+json',
      },
    },
  ];
  it.for(writes)('$name', async ({ call, want }) => {
    const { url, seen } = await serve(ok);
    await call(connect({ url }));
    const { method, url: path, headers } = seen[0] ?? {};
    expect({ method, url: path, type: headers?.['content-type'] }).toEqual(want);
  });

  it('deletes only the object that was seen', async () => {
    const { url, seen } = await serve(ok);
    await connect({ url }).delete(configMaps, at, { uid: 'u', resourceVersion: '7' });
    expect(JSON.parse(seen[0]?.body ?? '')).toMatchObject({ preconditions: { uid: 'u', resourceVersion: '7' } });
  });
});

describe('a refusal', () => {
  it('is an error with what the server said', async () => {
    const status = {
      kind: 'Status',
      message: 'configmaps "m" already exists',
      reason: 'AlreadyExists',
      code: 409,
      details: { causes: [{ reason: 'X', field: 'metadata.name' }] },
    };
    const { url } = await serve(refuse(409, {}, status));
    await expect(connect({ url }).create(configMaps, map, { fieldManager: 'x' })).rejects.toMatchObject({
      name: 'StatusError',
      code: 409,
      reason: 'AlreadyExists',
      message: 'configmaps "m" already exists',
      causes: [{ reason: 'X', field: 'metadata.name' }],
    });
  });

  it('that is no Status, as from a proxy, says its code and its text', async () => {
    const { url } = await serve(refuse(403));
    await expect(connect({ url }).get(configMaps, at)).rejects.toMatchObject({
      code: 403,
      message: 'the server answered 403: not JSON',
    });
  });
});

describe('tries again', () => {
  it('a read after 500, and a write after 429, as late as the server asks for', async () => {
    const clock = new FakeClock();
    const { url, seen } = await serve(refuse(500), ok, refuse(429, { 'retry-after': '3' }), ok);
    const client = connect({ url }, clock);
    await through(clock, client.get(configMaps, at));
    const before = clock.monotonic();
    await through(clock, client.create(configMaps, map, { fieldManager: 'x' }));
    expect(clock.monotonic() - before).toBeGreaterThanOrEqual(3000);
    expect(seen).toHaveLength(4);
  });

  it('no write whose outcome is unknown', async () => {
    const { url, seen } = await serve(refuse(500));
    await expect(connect({ url }).create(configMaps, map, { fieldManager: 'x' })).rejects.toMatchObject({ code: 500 });
    expect(seen).toHaveLength(1);
  });

  it('not for ever', async () => {
    const clock = new FakeClock();
    const { url, seen } = await serve(refuse(503));
    await expect(through(clock, connect({ url }, clock).get(configMaps, at))).rejects.toMatchObject({ code: 503 });
    expect(seen).toHaveLength(4);
  });

  it('not for a caller that has left', async () => {
    const clock = new FakeClock();
    const { url, seen } = await serve(refuse(503));
    const stop = new AbortController();
    const call = connect({ url }, clock).get(configMaps, at, { signal: stop.signal });
    call.catch(() => undefined);
    await untilSeen(seen);
    stop.abort(new Error('left'));
    await expect(call).rejects.toThrow('left');
    expect(seen).toHaveLength(1);
  });
});

/** And had the time to be answered. */
async function untilSeen(seen: readonly Seen[]): Promise<void> {
  while (seen.length === 0) {
    await settle();
  }
  await settle();
}

describe('a token from a file', () => {
  it('is read again after a minute, and at once when the server refuses it', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'flint-token-'));
    cleanUps.push(() => rm(folder, { recursive: true }));
    const tokenFile = join(folder, 'token');
    await writeFile(tokenFile, 'one\n');
    const clock = new FakeClock();
    const { url, seen } = await serve(ok, ok, refuse(401), ok);
    const client = connect({ url, tokenFile }, clock);
    await client.get(configMaps, at);
    await writeFile(tokenFile, 'two');
    await client.get(configMaps, at);
    await client.get(configMaps, at);
    const tokens = seen.map(({ headers }) => headers.authorization);
    expect(tokens).toEqual(['Bearer one', 'Bearer one', 'Bearer one', 'Bearer two']);
    await writeFile(tokenFile, 'three');
    await clock.advance(60_000);
    await client.get(configMaps, at);
    expect(seen.at(-1)?.headers.authorization).toBe('Bearer three');
  });
});
