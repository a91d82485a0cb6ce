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

async function reasonOf(call: Promise<unknown>): Promise<unknown> {
  const error: unknown = await call.then(
    () => 'it was allowed',
    (thrown: unknown) => thrown,
  );
  return error;
}

/** The first `count` events of what carries the label. */
async function take(
  kube: KubeClient,
  label: string,
  { count, ...from }: { count: number; resourceVersion: string; sendInitialEvents?: boolean },
): Promise<WatchEvent<ConfigMap>[]> {
  const stop = new AbortController();
  const seen: WatchEvent<ConfigMap>[] = [];
  const scope = { namespace: 'default', labelSelector: `of=${label}`, timeoutSeconds: 5 };
  for await (const event of kube.watch(configMaps, { ...scope, ...from }, stop.signal)) {
    seen.push(event);
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

const ways = [
  { way: 'over HTTP', kube: (): KubeClient => client },
  { way: 'in the process', kube: (): KubeClient => server.client },
];

it.for(ways)('tells the same events $way', async ({ way, kube }) => {
  const label = way.replaceAll(' ', '-');
  const object = await client.create(configMaps, aConfigMap(label), { fieldManager });
  const events = take(kube(), label, { count: 3, resourceVersion: '', sendInitialEvents: true });
  await systemClock.sleep(50);
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
