import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { systemClock, systemRandom } from '../../lib/clock.ts';
import type { KubeClient, WatchEvent } from '../../lib/kube/client.ts';
import { createClient, type HttpClient } from '../../lib/kube/http-client.ts';
import type { ConfigMap, Deployment, KubeObject } from '../../lib/kube/objects.ts';
import { configMaps, deployments, namespaces, type Resource } from '../../lib/kube/resources.ts';
import type { StatusError } from '../../lib/kube/status-error.ts';
import { silentLogger } from '../../lib/log.ts';
import { type ApiServer, createApiServer } from './server.ts';

/** Facts of a real API server that Flint relies on, asked over HTTP. */

const fieldManager = 'tester';
const crds: Resource = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  plural: 'customresourcedefinitions',
  kind: 'CustomResourceDefinition',
  namespaced: false,
};
interface Widget extends KubeObject {
  spec?: { size?: number; list?: { name: string; value?: string }[]; note?: string };
  status?: object;
}
const widgets: Resource<Widget> = {
  group: 'test.dev',
  version: 'v1',
  plural: 'widgets',
  kind: 'Widget',
  namespaced: true,
};

const widgetCrd = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'widgets.test.dev' },
  spec: {
    group: 'test.dev',
    scope: 'Namespaced',
    names: { plural: 'widgets', kind: 'Widget' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        subresources: { status: {} },
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: {
              spec: {
                type: 'object',
                properties: {
                  size: { type: 'integer', minimum: 1, maximum: 10, default: 3 },
                  note: { type: 'string', maxLength: 5, pattern: '^[a-z]*$' },
                  list: {
                    type: 'array',
                    'x-kubernetes-list-type': 'map',
                    'x-kubernetes-list-map-keys': ['name'],
                    items: {
                      type: 'object',
                      required: ['name'],
                      properties: { name: { type: 'string' }, value: { type: 'string' } },
                    },
                  },
                },
                'x-kubernetes-validations': [
                  { rule: "!has(self.note) || self.note != 'bad'", message: 'choose another note' },
                  { rule: '!has(oldSelf.note) || has(self.note)', message: 'a note stays' },
                ],
              },
              status: {
                type: 'object',
                'x-kubernetes-preserve-unknown-fields': true,
                default: { observedGeneration: -1 },
              },
            },
          },
        },
      },
    ],
  },
};

let server: ApiServer;
let client: HttpClient;
let url = '';
let sequence = 0;
let name = '';

beforeAll(async () => {
  server = createApiServer({
    clock: systemClock,
    random: systemRandom,
    log: silentLogger,
    tokens: { secret: 'admin' },
  });
  ({ url } = await server.listen(0, '127.0.0.1'));
  client = connect('secret');
  const meta = { fieldManager };
  await client.create(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default' } }, meta);
  await client.create(crds, widgetCrd, meta);
});
afterAll(async () => {
  await client.close();
  await server.close();
});
beforeEach(() => {
  name = `w${sequence++}`;
});

function connect(token: string): HttpClient {
  return createClient({ connection: { url, token }, clock: systemClock, random: systemRandom, userAgent: 'test' });
}

function widget(spec: unknown, metadata: object = {}): Widget {
  return {
    apiVersion: 'test.dev/v1',
    kind: 'Widget',
    metadata: { name, namespace: 'default', ...metadata },
    spec: spec as Widget['spec'] & object,
  };
}

function configMap(data: Record<string, string>, more: object = {}): ConfigMap {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default' }, data, ...more };
}

async function refusal(call: Promise<unknown>): Promise<Pick<StatusError, 'code' | 'reason' | 'message'>> {
  const error = await call.then(
    () => new Error('it was allowed'),
    (thrown: unknown) => thrown as StatusError,
  );
  const { code, reason, message } = error as StatusError;
  return { code, reason, message };
}

const at = (): { namespace: string; name: string } => ({ namespace: 'default', name });

describe('who may ask', () => {
  it('only who knows a token', async () => {
    const stranger = connect('guess');
    expect(await refusal(stranger.get(namespaces, { name: 'default' }))).toMatchObject({
      code: 401,
      reason: 'Unauthorized',
    });
    await stranger.close();
  });
});

describe('objects', () => {
  it('are born with a uid, a version and generation 1; a write that changes nothing changes no version', async () => {
    const born = await client.create(widgets, widget({ size: 4 }), { fieldManager });
    expect(born.metadata).toMatchObject({ generation: 1, uid: expect.any(String) as string });
    const same = await client.mergePatch(widgets, at(), { spec: { size: 4 } }, { fieldManager });
    expect(same.metadata.resourceVersion).toBe(born.metadata.resourceVersion);
    const changed = await client.mergePatch(widgets, at(), { spec: { size: 5 } }, { fieldManager });
    expect(changed.metadata.generation).toBe(2);
  });

  it('exist once, and in a namespace that exists', async () => {
    await client.create(widgets, widget({}), { fieldManager });
    expect(await refusal(client.create(widgets, widget({}), { fieldManager }))).toEqual({
      code: 409,
      reason: 'AlreadyExists',
      message: `widgets.test.dev "${name}" already exists`,
    });
    expect(await refusal(client.create(widgets, widget({}, { namespace: 'gone' }), { fieldManager }))).toMatchObject({
      code: 404,
      message: 'namespaces "gone" not found',
    });
  });

  it('are written and deleted only as the ones that were seen', async () => {
    const born = await client.create(widgets, widget({}), { fieldManager });
    await client.mergePatch(widgets, at(), { spec: { size: 9 } }, { fieldManager });
    expect(await refusal(client.update(widgets, born, { fieldManager }))).toMatchObject({
      code: 409,
      reason: 'Conflict',
    });
    expect(await refusal(client.delete(widgets, at(), { uid: 'another' }))).toMatchObject({
      code: 409,
      reason: 'Conflict',
    });
    await client.delete(widgets, at(), born.metadata.uid === undefined ? {} : { uid: born.metadata.uid });
    expect(await refusal(client.get(widgets, at()))).toMatchObject({ code: 404, reason: 'NotFound' });
  });

  it('with a finalizer stay until it is gone', async () => {
    await client.create(widgets, widget({}, { finalizers: ['test.dev/hold'] }), { fieldManager });
    await client.delete(widgets, at());
    expect((await client.get(widgets, at())).metadata.deletionTimestamp).toBeDefined();
    await client.mergePatch(widgets, at(), { metadata: { finalizers: null } }, { fieldManager });
    expect(await refusal(client.get(widgets, at()))).toMatchObject({ code: 404 });
  });

  it('that are immutable ConfigMaps keep their data', async () => {
    await client.create(configMaps, configMap({ a: '1' }, { immutable: true }), { fieldManager });
    const change = client.mergePatch(configMaps, at(), { data: { a: '2' } }, { fieldManager });
    expect((await refusal(change)).message).toContain('data: Forbidden: field is immutable when `immutable` is set');
  });
});

describe('custom kinds', () => {
  it('get defaults, lose unknown fields, and start with the default of their status', async () => {
    const lenient = await client.apply<Widget>(widgets, widget({ note: 'ok', unknown: 1 }), { fieldManager });
    expect(lenient.spec).toEqual({ note: 'ok', size: 3 });
    expect(lenient.status).toEqual({ observedGeneration: -1 });
  });

  const refused = [
    {
      spec: { size: 0 },
      message: 'spec.size: Invalid value: 0: spec.size in body should be greater than or equal to 1',
    },
    {
      spec: { size: 11 },
      message: 'spec.size: Invalid value: 11: spec.size in body should be less than or equal to 10',
    },
    {
      spec: { size: 'a' },
      message: 'spec.size: Invalid value: "string": spec.size in body must be of type integer: "string"',
    },
    { spec: { note: 'toolong' }, message: 'spec.note: Too long: may not be more than 5 bytes' },
    { spec: { note: 'A' }, message: `spec.note: Invalid value: "A": spec.note in body should match '^[a-z]*$'` },
    { spec: { list: [{}] }, message: 'spec.list[0].name: Required value' },
    { spec: { list: [{ name: 'a' }, { name: 'a' }] }, message: 'spec.list[1]: Duplicate value: {"name":"a"}' },
    { spec: { note: 'bad' }, message: 'spec: Invalid value: "object": choose another note' },
  ];
  for (const { spec, message } of refused) {
    it(`refuse ${JSON.stringify(spec)}`, async () => {
      expect(await refusal(client.create(widgets, widget(spec), { fieldManager }))).toEqual({
        code: 422,
        reason: 'Invalid',
        message: `Widget.test.dev "${name}" is invalid: ${message}`,
      });
    });
  }

  it('check transitions against what was there', async () => {
    await client.create(widgets, widget({ note: 'a' }), { fieldManager });
    const removal = client.jsonPatch(widgets, at(), [{ op: 'remove', path: '/spec/note' }], { fieldManager });
    expect((await refusal(removal)).message).toContain('a note stays');
  });

  it('change their status only by its own door, and nothing else through it', async () => {
    await client.create(widgets, widget({ size: 2 }), { fieldManager });
    await client.mergePatch(
      widgets,
      at(),
      { status: { a: 1 }, spec: { size: 7 } },
      { fieldManager, subresource: 'status' },
    );
    await client.mergePatch(widgets, at(), { status: { a: 2 } }, { fieldManager });
    const after = await client.get(widgets, at());
    expect(after).toMatchObject({ spec: { size: 2 }, status: { a: 1 }, metadata: { generation: 1 } });
  });

  it('refuse a strategic merge, and a path that nobody serves is not found', async () => {
    const missing = { ...widgets, plural: 'gadgets', kind: 'Gadget' };
    expect(await refusal(client.get(missing, at()))).toMatchObject({ code: 404 });
  });
});

describe('server-side apply', () => {
  const env = (...names: string[]): object => ({ list: names.map((item) => ({ name: item, value: item })) });

  it('keeps what several managers state, and takes away what one of them stops to state', async () => {
    await client.apply(widgets, widget(env('a')), { fieldManager: 'one' });
    await client.apply(widgets, widget(env('b')), { fieldManager: 'two' });
    const after = await client.apply<Widget>(widgets, widget({}), { fieldManager: 'one' });
    expect(after.spec?.list).toEqual([{ name: 'b', value: 'b' }]);
  });

  it('refuses to take a field with another value, and takes it by force', async () => {
    await client.apply(widgets, widget({ size: 4 }), { fieldManager: 'one' });
    const clash = client.apply(widgets, widget({ size: 5 }), { fieldManager: 'two' });
    expect(await refusal(clash)).toMatchObject({
      code: 409,
      reason: 'Conflict',
      message: 'Apply failed with 1 conflict: conflict with "one": .spec.size',
    });
    const forced = await client.apply<Widget>(widgets, widget({ size: 5 }), { fieldManager: 'two', force: true });
    expect(forced.spec?.size).toBe(5);
  });

  it('that changes nothing changes no version', async () => {
    const first = await client.apply(widgets, widget({ size: 4 }), { fieldManager: 'one' });
    const second = await client.apply(widgets, widget({ size: 4 }), { fieldManager: 'one' });
    expect(second.metadata.resourceVersion).toBe(first.metadata.resourceVersion);
  });

  it('with the uid of an object that is gone does not bring it back', async () => {
    const ghost = client.apply(widgets, widget({}, { uid: '00000000-0000-0000-0000-000000000000' }), { fieldManager });
    expect(await refusal(ghost)).toMatchObject({ code: 409, reason: 'Conflict' });
    const status = client.apply(widgets, { ...widget({}), status: {} } as Widget, {
      fieldManager,
      subresource: 'status',
    });
    expect(await refusal(status)).toMatchObject({ code: 404 });
  });
});

describe('the scale subresource', () => {
  function aDeployment(replicas?: number): Deployment {
    const labels = { app: name };
    return {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name, namespace: 'default' },
      spec: {
        ...(replicas === undefined ? {} : { replicas }),
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'i' }] } },
      },
    };
  }

  it('takes the replica count from who applied it, who is told so when it states it again', async () => {
    await client.apply(deployments, aDeployment(3), { fieldManager: 'op' });
    await client.setScale(deployments, at(), 7, { fieldManager: 'autoscaler' });
    expect(await refusal(client.apply(deployments, aDeployment(3), { fieldManager: 'op' }))).toMatchObject({
      code: 409,
      message: expect.stringContaining(
        'conflict with "autoscaler" with subresource "scale" using apps/v1: .spec.replicas',
      ) as string,
    });
    const without = await client.apply<Deployment>(deployments, aDeployment(), { fieldManager: 'op' });
    expect(without.spec.replicas).toBe(7);
    expect((await client.getScale(deployments, at())).status?.selector).toBe(`app=${name}`);
  });

  it('keeps the count that its creator gave it when another manager applies the rest', async () => {
    await client.create(deployments, aDeployment(4), { fieldManager: 'flint-activator' });
    const after = await client.apply<Deployment>(deployments, aDeployment(), {
      fieldManager: 'flint-operator',
      force: true,
    });
    expect(after.spec.replicas).toBe(4);
  });

  it('refuses a selector that its own template does not match', async () => {
    const deployment = aDeployment(1);
    deployment.spec.selector.matchLabels = { app: 'other' };
    const { message } = await refusal(client.create(deployments, deployment, { fieldManager }));
    expect(message).toContain('`selector` does not match template `labels`');
  });
});

describe('lists and watches', () => {
  const labels = (): object => ({ labels: { of: name } });
  const selector = (): { namespace: string; labelSelector: string } => ({
    namespace: 'default',
    labelSelector: `of=${name}`,
  });

  async function take(
    kube: KubeClient,
    count: number,
    options: { resourceVersion: string; sendInitialEvents?: boolean },
  ): Promise<WatchEvent<Widget>[]> {
    const stop = new AbortController();
    const seen: WatchEvent<Widget>[] = [];
    for await (const event of kube.watch(widgets, { ...selector(), ...options, timeoutSeconds: 5 }, stop.signal)) {
      seen.push(event);
      if (seen.length === count) {
        break;
      }
    }
    stop.abort();
    return seen;
  }

  async function many(count: number): Promise<void> {
    for (let index = 0; index < count; index++) {
      await client.create(
        widgets,
        { ...widget({}, labels()), metadata: { name: `${name}-${index}`, namespace: 'default', ...labels() } },
        { fieldManager },
      );
    }
  }

  it('come in pages that together are everything', async () => {
    await many(5);
    const names: string[] = [];
    let pages = 0;
    for await (const page of client.list(widgets, { ...selector(), pageSize: 2 })) {
      pages += 1;
      names.push(...page.items.map((item) => item.metadata.name));
    }
    expect([pages, names]).toEqual([3, [0, 1, 2, 3, 4].map((index) => `${name}-${index}`)]);
  });

  for (const [kind, kube] of [
    ['over HTTP', () => client],
    ['in the process', () => server.client],
  ] as const) {
    it(`${kind}: send what there is, then a marked bookmark, then what happens`, async () => {
      await many(2);
      const events = take(kube(), 5, { resourceVersion: '', sendInitialEvents: true });
      await systemClock.sleep(50);
      await client.mergePatch(
        widgets,
        { namespace: 'default', name: `${name}-0` },
        { spec: { size: 8 } },
        { fieldManager },
      );
      await client.delete(widgets, { namespace: 'default', name: `${name}-0` });
      expect((await events).map((event) => (event.type === 'BOOKMARK' ? event.initialEventsEnd : event.type))).toEqual([
        'ADDED',
        'ADDED',
        true,
        'MODIFIED',
        'DELETED',
      ]);
    });
  }

  it('tell an object that stops to match as deleted, and one that starts to as added', async () => {
    await many(1);
    const first = { namespace: 'default', name: `${name}-0` };
    const { metadata } = await client.get(widgets, first);
    const events = take(client, 2, { resourceVersion: metadata.resourceVersion ?? '' });
    await client.mergePatch(widgets, first, { metadata: { labels: { of: 'nobody' } } }, { fieldManager });
    await client.mergePatch(widgets, first, { metadata: { labels: { of: name } } }, { fieldManager });
    expect((await events).map(({ type }) => type)).toEqual(['DELETED', 'ADDED']);
  });

  it('answer 410 for a version whose events are forgotten, and 504 for one that is still to come', async () => {
    await many(1);
    server.core.storage.compact();
    expect(await refusal(take(client, 1, { resourceVersion: '1' }))).toMatchObject({ code: 410, reason: 'Expired' });
    expect(await refusal(take(client, 1, { resourceVersion: '99999999' }))).toMatchObject({
      code: 504,
      reason: 'Timeout',
    });
  });
});
