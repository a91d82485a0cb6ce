import type { ServerResponse } from 'node:http';
import { mkdtemp, rm, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { FakeClock, settle } from '../testing/fake-clock.ts';
import type { Connection } from './connection.ts';
import { type HttpClient, createClient } from './http-client.ts';
import type { ConfigMap } from './objects.ts';
import { configMaps, deployments } from './resources.ts';
import { type Answer, type HttpServer, refuse, type Seen, serve as serveAnswers } from './testing/http-server.ts';

const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) {
    await cleanUp();
  }
});

async function serve(...answers: Answer[]): Promise<HttpServer> {
  const server = await serveAnswers(answers);
  cleanUps.push(() => server.close());
  return server;
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

describe('a list', () => {
  const page = (names: readonly string[], next?: string): Answer => {
    const items = names.map((name) => ({ metadata: { name, namespace: 'a', managedFields: [{}] } }));
    const metadata = { resourceVersion: '7', ...(next === undefined ? {} : { continue: next }) };
    return (_request, response) => response.end(JSON.stringify({ kind: 'ConfigMapList', metadata, items }));
  };

  it('comes in pages, each item as a watch would bring it', async () => {
    const { url, seen } = await serve(page(['x', 'y'], 'more'), page(['z'], ''));
    const items: ConfigMap[] = [];
    for await (const { items: found, resourceVersion } of connect({ url }).list(configMaps, { pageSize: 2 })) {
      items.push(...found);
      expect(resourceVersion).toBe('7');
    }
    expect(items).toEqual(
      ['x', 'y', 'z'].map((name) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'a' } })),
    );
    expect(seen.map((request) => request.url)).toEqual([
      '/api/v1/configmaps?limit=2',
      '/api/v1/configmaps?limit=2&continue=more',
    ]);
  });

  it('of nothing is empty', async () => {
    const { url } = await serve((_request, response) =>
      response.end(JSON.stringify({ kind: 'ConfigMapList', metadata: { resourceVersion: '7' }, items: null })),
    );
    for await (const { items } of connect({ url }).list(configMaps)) {
      expect(items).toEqual([]);
    }
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

  it('not once the client is closed, however long the server asked to be left alone', async () => {
    const clock = new FakeClock();
    const { url, seen } = await serve(refuse(429, { 'retry-after': '3600' }));
    const client = connect({ url }, clock);
    const call = client.create(configMaps, map, { fieldManager: 'x' });
    call.catch(() => undefined);
    while (clock.pending === 0) {
      await settle();
    }
    await client.close();
    await expect(call).rejects.toThrow('the client was closed');
    expect([seen.length, clock.pending]).toEqual([1, 0]);
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

describe('a server that hangs', () => {
  const half: Answer = (_request, response) => response.writeHead(200).write('{"kind":"ConfigMap"');

  it('in the middle of an answer is given up after 30 s', async () => {
    const clock = new FakeClock();
    const { url } = await serve(half);
    await expect(through(clock, connect({ url }, clock).get(configMaps, at))).rejects.toThrow(/silent for 30 s/u);
    expect(clock.monotonic()).toBeGreaterThanOrEqual(30_000);
  });

  it('in the middle of a refusal too', async () => {
    const clock = new FakeClock();
    const { url } = await serve((_request, response) => response.writeHead(409).write('{"kind"'));
    const call = connect({ url }, clock).create(configMaps, map, { fieldManager: 'x' });
    await expect(through(clock, call)).rejects.toThrow(/silent for 30 s/u);
  });
});

describe('a watch', () => {
  const watch = { resourceVersion: '7', timeoutSeconds: 300 };
  const readFirst = async (client: HttpClient): Promise<unknown> => {
    const events = client.watch(configMaps, watch, new AbortController().signal)[Symbol.asyncIterator]();
    return (await events.next()).value;
  };

  const refusals = [
    { name: '410', answer: refuse(410, {}, { kind: 'Status', reason: 'Expired', code: 410 }), want: { code: 410 } },
    {
      name: '504 for a version from the future',
      answer: refuse(504, {}, { kind: 'Status', reason: 'Timeout', code: 504, details: { retryAfterSeconds: 1 } }),
      want: { code: 504, retryAfterSeconds: 1 },
    },
    { name: '500', answer: refuse(500), want: { code: 500 } },
  ];
  it.each(refusals)('answered $name fails at once: whoever asked knows what to ask for next', async (tc) => {
    const { url, seen } = await serve(tc.answer);
    await expect(readFirst(connect({ url }))).rejects.toMatchObject({ name: 'StatusError', ...tc.want });
    expect(seen).toHaveLength(1);
  });

  it('takes no connection away from calls, however many there are', async () => {
    const held: ServerResponse[] = [];
    const answer: Answer = ({ url: path }, response) => {
      if (path?.includes('watch=1') === true) {
        response.writeHead(200).flushHeaders();
      } else {
        held.push(response);
      }
    };
    const { url, seen } = await serve(answer);
    const client = connect({ url });
    for (let namespace = 0; namespace < 70; namespace++) {
      readFirst(client).catch(() => undefined);
    }
    while (seen.length < 70) {
      await settle();
    }
    const calls = Promise.all(Array.from({ length: 128 }, () => client.get(configMaps, at)));
    for (const sent of [64, 128]) {
      while (seen.length < 70 + sent) {
        await settle();
      }
      await settle();
      // Calls have a limit of their own.
      expect(held).toHaveLength(64);
      held.splice(0).forEach((response) => response.end(JSON.stringify(map)));
    }
    await expect(calls).resolves.toHaveLength(128);
  });

  it('asks for bookmarks, and for an end', async () => {
    const { url, seen } = await serve((_request, response) => response.end());
    await readFirst(connect({ url }));
    expect(Object.fromEntries(new URL(seen[0]?.url ?? '', url).searchParams)).toEqual({
      watch: '1',
      allowWatchBookmarks: 'true',
      resourceVersion: '7',
      timeoutSeconds: '300',
    });
  });
});

describe('a token from a file', () => {
  it('that is gone in the moment of its rotation stays the one before', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'flint-token-'));
    cleanUps.push(() => rm(folder, { recursive: true }));
    const tokenFile = join(folder, 'token');
    const clock = new FakeClock();
    const { url, seen } = await serve(ok);
    const client = connect({ url, tokenFile }, clock);
    await expect(client.create(configMaps, map, { fieldManager: 'x' })).rejects.toThrow(/ENOENT/u);
    await writeFile(tokenFile, 'one');
    await client.get(configMaps, at);
    await unlink(tokenFile);
    await clock.advance(60_000);
    await client.get(configMaps, at);
    await writeFile(tokenFile, 'two');
    await clock.advance(60_000);
    await client.get(configMaps, at);
    expect(seen.map(({ headers }) => headers.authorization)).toEqual(['Bearer one', 'Bearer one', 'Bearer two']);
  });

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
