import { once } from 'node:events';
import { connect as connectTo } from 'node:net';
import { request } from 'undici';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { systemClock, systemRandom } from '../../lib/clock.ts';
import type { KubeClient, WatchEvent } from '../../lib/kube/client.ts';
import { createClient, type HttpClient } from '../../lib/kube/http-client.ts';
import type { ConfigMap } from '../../lib/kube/objects.ts';
import { configMaps, namespaces } from '../../lib/kube/resources.ts';
import { silentLogger } from '../../lib/log.ts';
import { type ApiServer, createApiServer } from './server.ts';

/** What is this server's own; the facts that it shares with a real one are asked in `e2e/contract/`. */

const fieldManager = 'tester';
let server: ApiServer;
let client: HttpClient;
let url = '';
let sequence = 0;

beforeAll(async () => {
  server = createApiServer({
    clock: systemClock,
    random: systemRandom,
    log: silentLogger,
    tokens: { userOf: (token) => (token === 'secret' ? 'admin' : undefined) },
  });
  ({ url } = await server.listen(0, '127.0.0.1'));
  client = connect(url, 'secret');
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default' } };
  await client.create(namespaces, namespace, { fieldManager });
});
afterAll(async () => {
  await client.close();
  await server.close();
});

function connect(serverUrl: string, token?: string): HttpClient {
  const connection = { url: serverUrl, ...(token === undefined ? {} : { token }) };
  return createClient({ connection, clock: systemClock, random: systemRandom, userAgent: 'test' });
}

function aConfigMap(label: string): ConfigMap {
  const metadata = { name: `map-${sequence++}`, namespace: 'default', labels: { of: label } };
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: {} };
}

interface TakeOptions {
  readonly count: number;
  readonly resourceVersion: string;
  readonly sendInitialEvents?: boolean;
  readonly onEvent?: (event: WatchEvent<ConfigMap>) => void;
}

async function reasonOf(call: Promise<unknown>): Promise<unknown> {
  const error: unknown = await call.then(
    () => 'it was allowed',
    (thrown: unknown) => thrown,
  );
  return error;
}

/** The first `count` events of what carries the label; `onEvent` hears of each. */
async function take(
  kube: KubeClient,
  label: string,
  { count, onEvent, ...from }: TakeOptions,
): Promise<WatchEvent<ConfigMap>[]> {
  const stop = new AbortController();
  const seen: WatchEvent<ConfigMap>[] = [];
  const scope = { namespace: 'default', labelSelector: `of=${label}`, timeoutSeconds: 15 };
  for await (const event of kube.watch(configMaps, { ...scope, ...from }, stop.signal)) {
    seen.push(event);
    onEvent?.(event);
    if (seen.length === count) {
      break;
    }
  }
  stop.abort();
  return seen;
}

it('answers only who knows a token, in the header or in the path', async () => {
  const stranger = connect(url, 'guess');
  expect(await reasonOf(stranger.get(namespaces, { name: 'default' }))).toMatchObject({
    code: 401,
    reason: 'Unauthorized',
  });
  await stranger.close();
  const pathBearer = connect(`${url}/token/secret`);
  expect((await pathBearer.get(namespaces, { name: 'default' })).metadata.name).toBe('default');
  await pathBearer.close();
});

it('tells its health and version to anybody, and nothing else', async () => {
  const statusOf = async (path: string): Promise<number> => {
    const { statusCode, body } = await request(`${url}${path}`);
    await body.dump();
    return statusCode;
  };
  const statuses = ['/healthz', '/livez', '/readyz?verbose', '/version', '/metrics', '/apis'].map(statusOf);
  expect(await Promise.all(statuses)).toEqual([200, 200, 200, 200, 401, 401]);
});

const ways = [
  { way: 'over HTTP', kube: (): KubeClient => client },
  { way: 'in the process', kube: (): KubeClient => server.client },
];

it.for(ways)('tells the same events $way', async ({ way, kube }) => {
  const label = way.replaceAll(' ', '-');
  const object = await client.create(configMaps, aConfigMap(label), { fieldManager });
  const begun = Promise.withResolvers<undefined>();
  const onEvent = ({ type }: WatchEvent<ConfigMap>): void => {
    if (type === 'BOOKMARK') {
      begun.resolve(undefined);
    }
  };
  const events = take(kube(), label, { count: 3, resourceVersion: '', sendInitialEvents: true, onEvent });
  await Promise.race([begun.promise, events]);
  await client.delete(configMaps, { namespace: 'default', name: object.metadata.name });
  expect((await events).map((event) => (event.type === 'BOOKMARK' ? event.initialEventsEnd : event.type))).toEqual([
    'ADDED',
    true,
    'DELETED',
  ]);
});

it('answers 410 for a version whose events are forgotten', async () => {
  await client.create(configMaps, aConfigMap('old'), { fieldManager });
  server.core.storage.compact();
  const watch = take(client, 'old', { count: 1, resourceVersion: '1' });
  expect(await reasonOf(watch)).toMatchObject({ code: 410, reason: 'Expired' });
});

it('answers 410 for the next page of a list when the moment of the first is forgotten', async () => {
  for (const _ of Array.from({ length: 3 })) {
    await client.create(configMaps, aConfigMap('paged'), { fieldManager });
  }
  const list = async (): Promise<void> => {
    for await (const page of client.list(configMaps, { labelSelector: 'of=paged', pageSize: 2 })) {
      expect(page.items).toHaveLength(2);
      await client.create(configMaps, aConfigMap('other'), { fieldManager });
      server.core.storage.compact();
    }
  };
  expect(await reasonOf(list())).toMatchObject({
    code: 410,
    reason: 'Expired',
    message: expect.stringContaining('You must start a new list without the continue parameter') as string,
  });
});

it.each(['nonsense', '[1,"a"b"]', '{}', '["1","a"]', '[1.5,"a"]'])(
  'refuses the continue token %s, which it has not made',
  async (text) => {
    const token = Buffer.from(text).toString('base64url');
    const { statusCode, body } = await request(`${url}/api/v1/configmaps?limit=1&continue=${token}`, {
      headers: { authorization: 'Bearer secret' },
    });
    expect([statusCode, await body.json()]).toMatchObject([400, { message: 'continue key is not valid' }]);
  },
);

it('warns of every unknown field', async () => {
  const object = { ...aConfigMap('warned'), one: 1, two: 2 };
  const { statusCode, headers } = await request(`${url}/api/v1/namespaces/default/configmaps?fieldValidation=Warn`, {
    method: 'POST',
    headers: { authorization: 'Bearer secret', 'content-type': 'application/json' },
    body: JSON.stringify(object),
  });
  expect([statusCode, headers['warning']]).toEqual([
    201,
    ['299 - "unknown field \\"one\\""', '299 - "unknown field \\"two\\""'],
  ]);
});

it('refuses a body beyond the limit of a real server', async () => {
  const { statusCode, body } = await request(`${url}/api/v1/namespaces/default/configmaps`, {
    method: 'POST',
    headers: { authorization: 'Bearer secret', 'content-type': 'application/json' },
    body: JSON.stringify({ ...aConfigMap('large'), data: { a: 'x'.repeat(3 * 1024 * 1024) } }),
  });
  expect([statusCode, await body.json()]).toMatchObject([
    413,
    { reason: 'RequestEntityTooLarge', message: 'Request entity too large: limit is 3145728' },
  ]);
});

it('cuts a watcher off that does not read, so that its events do not pile up', async () => {
  const { hostname, port } = new URL(url);
  const socket = connectTo(Number(port), hostname);
  socket.on('error', () => undefined);
  const path = '/api/v1/configmaps?watch=1&labelSelector=of%3Dlarge';
  socket.write(`GET ${path} HTTP/1.1\r\nHost: flint\r\nAuthorization: Bearer secret\r\n\r\n`);
  await once(socket, 'readable');
  const text = 'x'.repeat(1024 * 1024);
  for (const _ of Array.from({ length: 45 })) {
    await server.client.create(configMaps, { ...aConfigMap('large'), data: { text } }, { fieldManager });
  }
  socket.resume();
  await once(socket, 'close');
});

it('counts requests by who asked, for what, and how they were answered', async () => {
  const map = aConfigMap('counted');
  await client.create(configMaps, map, { fieldManager });
  await client.apply(configMaps, map, { fieldManager });
  await reasonOf(client.create(configMaps, map, { fieldManager }));
  await server.client.delete(configMaps, map.metadata);
  const { body } = await request(`${url}/metrics`, { headers: { authorization: 'Bearer secret' } });
  const page = await body.text();
  const series = (code: number, user: string, verb: string): string =>
    `apiserver_request_total{code="${code}",group="",resource="configmaps",subresource="",user="${user}",verb="${verb}",version="v1"}`;
  expect(page).toContain(series(201, 'admin', 'POST'));
  expect(page).toContain(`${series(200, 'admin', 'APPLY')} 1\n`);
  expect(page).toContain(`${series(409, 'admin', 'POST')} 1\n`);
  expect(page).toContain(`${series(200, 'cluster', 'DELETE')} 1\n`);
});
