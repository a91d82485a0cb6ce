import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ConfigMap, KubeObject, OwnerReference } from '../../../lib/kube/objects.ts';
import { configMaps, deployments, namespaces, replicaSets, type Resource } from '../../../lib/kube/resources.ts';
import { FakeClock } from '../../../lib/testing/fake-clock.ts';
import { customResourceDefinitions, type CustomResourceDefinition, serviceAccounts } from '../resources.ts';
import { aDeployment } from '../testing/builders.ts';
import { ClusterHarness } from '../testing/cluster-harness.ts';
import { FakeKubelet } from '../testing/fake-kubelet.ts';

let clock = new FakeClock();
let kubelet = new FakeKubelet();
let cluster: ClusterHarness;

beforeEach(async () => {
  clock = new FakeClock();
  kubelet = new FakeKubelet();
  cluster = await ClusterHarness.start({ clock, node: kubelet });
  await cluster.settle();
});
afterEach(() => cluster.stop());

async function createOwned(name: string, owners: readonly KubeObject[], blocks = true): Promise<ConfigMap> {
  const ownerReferences: OwnerReference[] = owners.map(({ apiVersion, kind, metadata }) => ({
    apiVersion,
    kind,
    name: metadata.name,
    uid: metadata.uid ?? '',
    blockOwnerDeletion: blocks,
  }));
  const object: ConfigMap = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace: 'default', ownerReferences },
  };
  const created = await cluster.create(configMaps, object);
  await cluster.settle();
  return created;
}

async function names(): Promise<string[]> {
  return (await cluster.list(configMaps)).map(({ metadata }) => metadata.name).sort();
}

async function remove(
  name: string,
  propagationPolicy: 'Background' | 'Foreground' | 'Orphan' = 'Background',
): Promise<void> {
  await cluster.client.delete(configMaps, { namespace: 'default', name }, { propagationPolicy });
  await cluster.settle();
}

describe('the garbage collector', () => {
  it('deletes what an owner leaves behind, down to the last generation', async () => {
    const root = await createOwned('root', []);
    const child = await createOwned('child', [root]);
    await createOwned('grandchild', [child]);
    await createOwned('stranger', []);
    await remove('root');
    expect(await names()).toEqual(['stranger']);
  });

  it('deletes the ReplicaSets and pods of a Deployment', async () => {
    await cluster.create(deployments, aDeployment('hello', { replicas: 2 }));
    await cluster.settle();
    expect(await cluster.pods()).toHaveLength(2);
    await cluster.client.delete(deployments, { namespace: 'default', name: 'hello' });
    await cluster.settle();
    expect(await cluster.list(replicaSets)).toEqual([]);
    expect(await cluster.pods()).toEqual([]);
  });

  it('keeps what has another owner, and takes the dead one off its list', async () => {
    const [first, second] = [await createOwned('first', []), await createOwned('second', [])];
    await createOwned('shared', [first, second]);
    await remove('first');
    const shared = await cluster.client.get(configMaps, { namespace: 'default', name: 'shared' });
    expect(shared.metadata.ownerReferences?.map(({ name }) => name)).toEqual(['second']);
  });

  it('I3: deletes what names an owner by name whose uid was another object', async () => {
    const gone = await createOwned('owner', []);
    await remove('owner');
    await createOwned('owner', []);
    await createOwned('late', [gone]);
    expect(await names()).toEqual(['owner']);
  });

  it('deletes in the foreground from the leaves up', async () => {
    const root = await createOwned('root', []);
    const child = await createOwned('child', [root]);
    await createOwned('grandchild', [child]);
    const order: string[] = [];
    const watching = new AbortController();
    const since = String(cluster.core.storage.version);
    const watch = cluster.client.watch(configMaps, { resourceVersion: since, timeoutSeconds: 60 }, watching.signal);
    const watched = (async (): Promise<void> => {
      for await (const event of watch) {
        if (event.type === 'DELETED') {
          order.push(event.object.metadata.name);
        }
      }
    })().catch(() => undefined);
    await remove('root', 'Foreground');
    watching.abort();
    await watched;
    expect(order).toEqual(['grandchild', 'child', 'root']);
  });

  it('leaves dependents alone when they are to be orphaned', async () => {
    const root = await createOwned('root', []);
    await createOwned('child', [root]);
    await remove('root', 'Orphan');
    expect(await names()).toEqual(['child']);
    const child = await cluster.client.get(configMaps, { namespace: 'default', name: 'child' });
    expect(child.metadata.ownerReferences ?? []).toEqual([]);
  });

  it('follows kinds that are defined later, and waits with what they may own until they are known', async () => {
    const unknown = { apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name: 'w', uid: 'not-yet-known' } };
    await createOwned('early', [unknown]);
    expect(await names()).toEqual(['early']);
    await cluster.create(customResourceDefinitions, widgetDefinition);
    await cluster.settle();
    expect(await names()).toEqual([]);
    const widget = await cluster.create(widgets, {
      apiVersion: 'example.com/v1',
      kind: 'Widget',
      metadata: { name: 'w', namespace: 'default' },
    });
    await createOwned('owned', [widget]);
    expect(await names()).toEqual(['owned']);
    await cluster.client.delete(widgets, { namespace: 'default', name: 'w' });
    await cluster.settle();
    expect(await names()).toEqual([]);
  });

  it('deletes what the objects of a kind own when its definition is deleted', async () => {
    await cluster.create(customResourceDefinitions, widgetDefinition);
    await cluster.settle();
    const widget = { apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name: 'w', namespace: 'default' } };
    await createOwned('owned', [await cluster.create(widgets, widget)]);
    await cluster.client.delete(customResourceDefinitions, { name: 'widgets.example.com' });
    await cluster.settle();
    expect(await names()).toEqual([]);
  });

  it('I1: writes nothing and has no timer at rest', async () => {
    const root = await createOwned('root', []);
    await createOwned('child', [root]);
    await remove('root');
    const { version } = cluster.core.storage;
    await clock.advance(3_600_000);
    expect(cluster.core.storage.version).toBe(version);
    expect(clock.pending).toBe(0);
  });
});

const widgets: Resource = { group: 'example.com', version: 'v1', plural: 'widgets', kind: 'Widget', namespaced: true };

const schema = { schema: { openAPIV3Schema: { type: 'object' } } };

const widgetDefinition: CustomResourceDefinition = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'widgets.example.com' },
  spec: {
    group: 'example.com',
    names: { plural: 'widgets', kind: 'Widget' },
    scope: 'Namespaced',
    versions: [{ name: 'v1', served: true, storage: true, ...schema }],
  },
};

describe('a namespace', () => {
  const shop: KubeObject = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } };

  it('gets a default ServiceAccount', async () => {
    await cluster.create(namespaces, shop);
    await cluster.settle();
    const accounts = await cluster.list(serviceAccounts, 'shop');
    expect(accounts.map(({ metadata }) => metadata.name)).toEqual(['default']);
  });

  it('that is deleted goes after everything in it, pods in their own time', async () => {
    await cluster.create(namespaces, shop);
    const workload = aDeployment('hello', { replicas: 1 });
    await cluster.create(deployments, { ...workload, metadata: { ...workload.metadata, namespace: 'shop' } });
    await cluster.settle();
    kubelet.letsGo = () => false;
    await cluster.client.delete(namespaces, { name: 'shop' });
    await clock.advance(5000);
    const [pod] = await cluster.list(
      { group: '', version: 'v1', plural: 'pods', kind: 'Pod', namespaced: true },
      'shop',
    );
    expect(pod?.metadata.deletionTimestamp).toBeDefined();
    expect((await cluster.client.get(namespaces, { name: 'shop' })).metadata.deletionTimestamp).toBeDefined();
    await kubelet.finish(pod as Parameters<FakeKubelet['finish']>[0]);
    await clock.advance(5000);
    await expect(cluster.client.get(namespaces, { name: 'shop' })).rejects.toThrow('not found');
    expect(await cluster.list(deployments, 'shop')).toEqual([]);
    // The progress deadline of the Deployment, ten minutes, is looked at once more and finds nothing.
    await clock.advance(700_000);
    expect(clock.pending).toBe(0);
  });
});
