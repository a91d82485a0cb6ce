import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findCondition } from '../../lib/api/conditions.ts';
import type { FunctionSource } from '../../lib/api/function.ts';
import { functions, revisions, runtimes } from '../../lib/api/resources.ts';
import type { Revision } from '../../lib/api/revision.ts';
import type { Condition, ConfigMap, KubeObject } from '../../lib/kube/objects.ts';
import { configMaps, deployments, leases, pods, type Resource, services } from '../../lib/kube/resources.ts';
import { StatusError } from '../../lib/kube/status-error.ts';
import { crashedStatus, OperatorWorld, readyStatus } from './world.ts';

let world: OperatorWorld;
beforeEach(async () => {
  world = await OperatorWorld.start();
});
afterEach(() => world.stopOperator());

const user = { fieldManager: 'kubectl' };
const inline = (text: string): { source: FunctionSource } => ({
  source: { inline: `export default () => new Response('${text}');` },
});

async function condition(type: string, name = 'hello'): Promise<Condition | undefined> {
  return findCondition((await world.fn(name)).status?.conditions, type);
}

async function revisionNames(): Promise<string[]> {
  return (await world.all(revisions)).map(({ metadata }) => metadata.name).sort();
}

async function serving(name = 'hello'): Promise<string | undefined> {
  return (await world.fn(name)).status?.traffic?.[0]?.revisionName;
}

function aConfigMap(data: Record<string, string>, name = 'code'): ConfigMap {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'shop' }, data };
}

/** What there is, without what differs between two runs of the same story. */
async function endState(): Promise<unknown> {
  const kinds: readonly Resource[] = [functions, revisions, deployments, configMaps, services];
  const objects = (await Promise.all(kinds.map((resource) => world.all(resource)))).flat();
  return objects.map((object) => {
    const { kind, metadata, status, ...rest } = object as KubeObject & { status?: Record<string, unknown> };
    const { name, labels, annotations, ownerReferences } = metadata;
    const conditions = ((status?.['conditions'] ?? []) as Condition[]).map((one) => [one.type, one.status, one.reason]);
    const owners = ownerReferences?.map((owner) => owner.name);
    return { kind, name, labels, annotations, owners, ...rest, conditions, traffic: status?.['traffic'] };
  });
}

describe('a Function', () => {
  it('becomes a Revision with its code, a Deployment and a Service, all of them its own', async () => {
    await world.applyFunction('hello', inline('one'));
    await world.settle();
    const fn = await world.fn();
    const [revision] = await world.all(revisions);
    const [deployment] = await world.all(deployments);
    const [code] = await world.all(configMaps);
    const [service] = await world.all(services);
    expect(revision?.metadata.name).toMatch(/^hello-[0-9a-f]{10}$/u);
    expect(revision?.metadata.ownerReferences).toMatchObject([{ uid: fn.metadata.uid, controller: true }]);
    expect(deployment?.metadata.ownerReferences).toMatchObject([{ uid: revision?.metadata.uid, controller: true }]);
    expect(code).toMatchObject({ immutable: true, data: { 'index.mjs': inline('one').source.inline } });
    expect(code?.metadata.ownerReferences).toMatchObject([{ uid: revision?.metadata.uid, controller: true }]);
    expect(service?.metadata.ownerReferences).toMatchObject([{ uid: fn.metadata.uid, controller: true }]);
    expect(service?.spec).toMatchObject({
      type: 'ExternalName',
      externalName: 'activator.flint-system.svc.cluster.local',
    });
    expect(fn.status).toMatchObject({
      observedGeneration: 1,
      url: 'http://hello.shop.example.com',
      address: { url: 'http://hello.shop.svc.cluster.local' },
      latestCreatedRevision: revision?.metadata.name,
      traffic: [],
    });
  });

  it('gets traffic once a replica of it was ready, and is Ready from then on, also at zero', async () => {
    await world.applyFunction('hello', inline('one'));
    await world.settle();
    expect(await condition('Ready')).toMatchObject({ status: 'Unknown', reason: 'Starting' });
    expect(await condition('Reconciling')).toMatchObject({ status: 'True' });
    const revision = await world.prove();
    expect((await world.fn()).status).toMatchObject({
      traffic: [{ revisionName: revision.metadata.name, percent: 100 }],
      replicas: 1,
    });
    await world.removePod(revision);
    await world.settle();
    expect(await condition('Ready')).toMatchObject({ status: 'True' });
    expect(await condition('Reconciling')).toBeUndefined();
    expect(await condition('Active')).toMatchObject({ status: 'False', reason: 'ScaledToZero' });
  });

  it('with initialReplicas 0 is ready unproven', async () => {
    await world.applyFunction('hello', { ...inline('one'), scaling: { initialReplicas: 0 } });
    await world.settle();
    expect((await world.all(deployments))[0]?.spec.replicas).toBe(0);
    expect(await condition('Ready')).toMatchObject({ status: 'True' });
  });

  it('of an image has neither Runtime nor code', async () => {
    await world.applyFunction('hello', { source: { image: 'registry/hello:1' } });
    await world.prove();
    expect(await world.all(configMaps)).toEqual([]);
    expect(await condition('Ready')).toMatchObject({ status: 'True' });
  });

  it('that is paused is left alone, and taken up again where it was left', async () => {
    await world.applyFunction('hello', { ...inline('one'), paused: true });
    expect(await world.settle()).toEqual([]);
    await world.applyFunction('hello', inline('one'));
    await world.prove();
    expect(await condition('Ready')).toMatchObject({ status: 'True' });
  });

  it('that is deleted gets no more writes, and what it had is left to garbage collection', async () => {
    await world.applyFunction('hello', inline('one'));
    await world.prove();
    await world.client.delete(functions, { namespace: 'shop', name: 'hello' });
    expect(await world.settle()).toEqual([]);
    await world.collectGarbage();
    expect(await world.settle()).toEqual([]);
    expect(await revisionNames()).toEqual([]);
    expect(await world.all(deployments)).toEqual([]);
    expect(await world.all(configMaps)).toEqual([]);
  });

  it('that is deleted and made again at once waits for what its predecessor left, and takes over none of it', async () => {
    await world.applyFunction('hello', inline('one'));
    await world.prove();
    await world.client.delete(functions, { namespace: 'shop', name: 'hello' });
    await world.applyFunction('hello', inline('one'));
    await world.settle();
    expect(await condition('Ready')).toMatchObject({ status: 'Unknown', reason: 'WaitingForDeletion' });
    expect(await serving()).toBeUndefined();
    // Its children go one generation after the other, in any order: none of them may be mistaken for ours.
    await world.collectGarbage();
    await world.settle();
    const [deployment] = await world.all(deployments);
    expect(deployment?.metadata.ownerReferences?.[0]?.uid).toBe((await world.latest()).metadata.uid);
    await world.removePod(await world.latest());
    await world.prove();
    expect(await condition('Ready')).toMatchObject({ status: 'True' });
  });
});

describe('a new Revision', () => {
  it('takes traffic only when it is ready', async () => {
    await world.applyFunction('hello', inline('one'));
    const first = await world.prove();
    await world.applyFunction('hello', inline('two'));
    await world.settle();
    expect(await serving()).toBe(first.metadata.name);
    const second = await world.prove();
    expect(second.metadata.name).not.toBe(first.metadata.name);
    expect(await serving()).toBe(second.metadata.name);
  });

  it('of content that was there before is the old Revision, at once', async () => {
    await world.applyFunction('hello', inline('one'));
    const first = await world.prove();
    await world.applyFunction('hello', inline('two'));
    await world.prove();
    const names = await revisionNames();
    await world.applyFunction('hello', inline('one'));
    await world.settle();
    expect(await revisionNames()).toEqual(names);
    expect(await serving()).toBe(first.metadata.name);
  });

  it('is not made by a live setting', async () => {
    await world.applyFunction('hello', inline('one'));
    await world.prove();
    const names = await revisionNames();
    const live = { scaling: { minReplicas: 2 }, timeouts: { drain: '5s' }, queue: { maxRequests: 7 } };
    await world.applyFunction('hello', { ...inline('one'), ...live });
    const writes = await world.settle();
    expect(await revisionNames()).toEqual(names);
    // No replica restarts for it: all there is to write is that it was seen.
    expect(writes).toEqual(['apply Function/hello as flint-operator']);
  });

  const failures = [
    { exitCode: 65, said: 'SyntaxError: no (index.mjs:1:2)', reason: 'CodeDidNotLoad', progress: 'Stalled' },
    { exitCode: 66, said: 'index.mjs has no default export', reason: 'HandlerNotFound', progress: 'Stalled' },
    { exitCode: 1, said: 'Error: boom', reason: 'ContainerCrashed', progress: 'Reconciling' },
  ];
  it.each(failures)('that ends with exit code $exitCode is $reason while the old one serves', async (failure) => {
    await world.applyFunction('hello', inline('one'));
    const first = await world.prove();
    await world.applyFunction('hello', inline('broken'));
    await world.settle();
    const broken = await world.latest();
    await world.reportPod(broken, crashedStatus(failure.exitCode, failure.said));
    await world.settle();
    const ready = await condition('Ready');
    expect(ready).toMatchObject({ status: 'False', reason: failure.reason });
    expect(ready?.message).toContain(`revision ${broken.metadata.name} does not start: `);
    expect(ready?.message).toContain(failure.said);
    expect(ready?.message).toContain(`revision ${first.metadata.name} goes on serving`);
    expect(await condition(failure.progress)).toMatchObject({ status: 'True', reason: failure.reason });
    expect(await serving()).toBe(first.metadata.name);
  });

  it('that replaces a broken one takes it away, and broken content that comes back is proven anew', async () => {
    await world.applyFunction('hello', inline('one'));
    await world.prove();
    await world.applyFunction('hello', inline('broken'));
    await world.settle();
    const broken = await world.latest();
    await world.reportPod(broken, crashedStatus(1, 'no such Secret'));
    await world.settle();
    await world.applyFunction('hello', inline('two'));
    const second = await world.prove();
    expect(await serving()).toBe(second.metadata.name);
    expect(await revisionNames()).not.toContain(broken.metadata.name);
    await world.collectGarbage();
    await world.removePod(broken);
    await world.applyFunction('hello', inline('broken'));
    const repaired = await world.prove();
    expect(repaired.metadata.name).toBe(broken.metadata.name);
    expect(await serving()).toBe(broken.metadata.name);
  });

  it('beyond the history limit makes the oldest go, never the one that serves', async () => {
    for (const text of ['a', 'b', 'c', 'd']) {
      await world.applyFunction('hello', { ...inline(text), revisionHistoryLimit: 1 });
      await world.clock.advance(1000);
      await world.prove();
    }
    expect(await revisionNames()).toHaveLength(2);
    expect(await revisionNames()).toContain(await serving());
  });
});

describe('replicas', () => {
  it('of a serving Revision that all fail make the Function not Ready, until one runs or none is wanted', async () => {
    await world.applyFunction('hello', inline('one'));
    const revision = await world.prove();
    await world.reportPod(revision, crashedStatus(1, 'Error: the database is gone'));
    await world.settle();
    const ready = await condition('Ready');
    expect(ready).toMatchObject({ status: 'False', reason: 'ContainerCrashed' });
    expect(ready?.message).toContain('Error: the database is gone');
    expect(await serving()).toBe(revision.metadata.name);
    await world.reportPod(revision, { ...readyStatus, containerStatuses: [] });
    await world.settle();
    expect(await condition('Ready')).toMatchObject({ status: 'True' });
  });

  it('that could not start any more, since the code of an old Revision was taken away, are told of', async () => {
    await world.applyFunction('hello', inline('one'));
    const first = await world.prove();
    await world.applyFunction('hello', inline('broken'));
    await world.settle();
    await world.client.delete(configMaps, first.metadata);
    await world.settle();
    expect(await condition('Ready')).toMatchObject({ status: 'Unknown', reason: 'Starting' });
    await world.removePod(first);
    await world.settle();
    expect(await condition('Ready')).toMatchObject({ status: 'False', reason: 'ConfigMapNotFound' });
  });

  it('that a quota forbids are reported as the Deployment tells it', async () => {
    await world.applyFunction('hello', inline('one'));
    await world.settle();
    const { namespace = '', name } = (await world.latest()).metadata;
    const message = 'pods "hello-1" is forbidden: exceeded quota: small';
    const failed = { type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message };
    const status = { status: { conditions: [failed] } };
    await world.client.mergePatch(deployments, { namespace, name }, status, { ...user, subresource: 'status' });
    await world.settle();
    expect(await condition('Ready')).toMatchObject({ status: 'False', reason: 'QuotaExceeded' });
  });
});

describe('a Deployment that a quota forbids', () => {
  it('is reported, and tried again: nobody tells when the quota is raised', async () => {
    const message = 'deployments.apps "hello" is forbidden: exceeded quota: small';
    world.fault = (verb, resource) =>
      verb === 'create' && resource === deployments
        ? new StatusError({ code: 403, reason: 'Forbidden', message })
        : undefined;
    await world.applyFunction('hello', inline('one'));
    await world.settle();
    expect(await condition('Ready')).toMatchObject({ status: 'False', reason: 'QuotaExceeded' });
    world.fault = () => undefined;
    await world.clock.advance(60_000);
    expect(await world.all(deployments)).toHaveLength(1);
    expect(await condition('Ready')).toMatchObject({ status: 'Unknown', reason: 'Starting' });
  });
});

describe('what a Function needs', () => {
  it('is missed by name, and found without asking again when it appears: the ConfigMap with its code', async () => {
    await world.applyFunction('hello', { source: { configMap: { name: 'code' } } });
    await world.settle();
    expect(await condition('Ready')).toMatchObject({ status: 'False', reason: 'ConfigMapNotFound' });
    expect(await condition('Reconciling')).toMatchObject({ status: 'True', reason: 'ConfigMapNotFound' });
    await world.client.create(
      configMaps,
      { ...aConfigMap({ 'index.mjs': '1' }), binaryData: { 'a.wasm': 'AP8=' } },
      user,
    );
    await world.prove();
    const { namespace = '', name } = (await world.latest()).metadata;
    const copy = await world.client.get(configMaps, { namespace, name });
    expect(copy).toMatchObject({ immutable: true, data: { 'index.mjs': '1' }, binaryData: { 'a.wasm': 'AP8=' } });
    expect(await condition('Ready')).toMatchObject({ status: 'True' });
  });

  it('makes a new Revision when the ConfigMap with its code changes, and none when it goes', async () => {
    await world.client.create(configMaps, aConfigMap({ 'index.mjs': '1' }), user);
    await world.applyFunction('hello', { source: { configMap: { name: 'code' } } });
    const first = await world.prove();
    await world.client.mergePatch(
      configMaps,
      { namespace: 'shop', name: 'code' },
      { data: { 'index.mjs': '2' } },
      user,
    );
    const second = await world.prove();
    expect(second.metadata.name).not.toBe(first.metadata.name);
    await world.client.delete(configMaps, { namespace: 'shop', name: 'code' });
    await world.settle();
    expect(await condition('Ready')).toMatchObject({ status: 'False', reason: 'ConfigMapNotFound' });
    expect(await serving()).toBe(second.metadata.name);
    expect(await revisionNames()).toHaveLength(2);
  });

  it('is missed by name, and found when it appears: its Runtime', async () => {
    await world.applyFunction('hello', { ...inline('one'), runtime: 'deno' });
    await world.settle();
    expect(await condition('Ready')).toMatchObject({ status: 'False', reason: 'RuntimeNotFound' });
    const deno = {
      apiVersion: 'flint.dev/v1alpha1',
      kind: 'Runtime',
      metadata: { name: 'deno' },
      spec: { image: 'deno:1', entryFiles: ['main.ts'] },
    };
    await world.client.create(runtimes, deno, user);
    await world.prove();
    expect(await condition('Ready')).toMatchObject({ status: 'True' });
  });

  it('is made again when somebody takes it away: code, Deployment and Service', async () => {
    await world.applyFunction('hello', inline('one'));
    await world.prove();
    const { namespace = '', name } = (await world.latest()).metadata;
    await world.client.delete(configMaps, { namespace, name });
    await world.client.delete(deployments, { namespace, name });
    await world.client.delete(services, { namespace, name: 'hello' });
    await world.settle();
    expect(await world.all(configMaps)).toHaveLength(1);
    expect(await world.all(deployments)).toHaveLength(1);
    expect(await world.all(services)).toHaveLength(1);
  });
});

describe('a podTemplate', () => {
  it('goes into the Deployment, over what is generated', async () => {
    const podTemplate = { spec: { terminationGracePeriodSeconds: 3, hostname: 'one' } };
    await world.applyFunction('hello', { ...inline('one'), podTemplate });
    await world.settle();
    const [deployment] = await world.all(deployments);
    expect(deployment?.spec.template.spec).toMatchObject({ terminationGracePeriodSeconds: 3, hostname: 'one' });
  });

  const refused = [
    { name: 'with power over the node', podTemplate: { spec: { hostNetwork: true } }, want: 'hostNetwork' },
    { name: 'that has not the form of one', podTemplate: { spec: { containers: {} } }, want: 'containers' },
    {
      name: 'that the API server refuses',
      podTemplate: { metadata: { labels: { 'flint.dev/revision': 'other' } } },
      want: '`selector` does not match',
    },
  ];
  it.each(refused)('$name is InvalidPodTemplate, nothing is made of it, and the next apply repairs it', async (tc) => {
    await world.applyFunction('hello', { ...inline('one'), podTemplate: tc.podTemplate });
    await world.settle();
    const ready = await condition('Ready');
    expect(ready).toMatchObject({ status: 'False', reason: 'InvalidPodTemplate' });
    expect(ready?.message).toContain(tc.want);
    expect(await condition('Stalled')).toMatchObject({ status: 'True' });
    expect(await world.all(deployments)).toEqual([]);
    await world.applyFunction('hello', inline('one'));
    await world.prove();
    expect(await condition('Ready')).toMatchObject({ status: 'True' });
  });

  it('with a field that does not exist is refused before anything is made of it', async () => {
    const message =
      'failed to create typed patch object (shop/hello): .spec.template.spec.contaners: field not declared';
    world.fault = (verb, resource) =>
      verb === 'apply' && resource === deployments ? new StatusError({ code: 500, reason: '', message }) : undefined;
    await world.applyFunction('hello', { ...inline('one'), podTemplate: { spec: { contaners: [] } } });
    await world.settle();
    expect(await condition('Ready')).toMatchObject({ status: 'False', reason: 'InvalidPodTemplate' });
    expect(await world.all(deployments)).toEqual([]);
  });

  it('with power over the node is taken where the platform allows it', async () => {
    await world.stopOperator();
    world = await OperatorWorld.start({ FLINT_ALLOW_HOST_ACCESS: 'true' });
    await world.applyFunction('hello', { ...inline('one'), podTemplate: { spec: { hostNetwork: true } } });
    await world.settle();
    expect((await world.all(deployments))[0]?.spec.template.spec?.hostNetwork).toBe(true);
  });
});

describe('the replica count of a Deployment', () => {
  it('belongs to the activator from its creation on, and no reconcile of ours resets it', async () => {
    await world.applyFunction('hello', { ...inline('one'), scaling: { minReplicas: 3 } });
    const writes = (await world.settle()).filter((write) => write.includes('Deployment'));
    const [made] = await world.all(deployments);
    const name = { namespace: 'shop', name: made?.metadata.name ?? '' };
    expect(writes).toEqual([
      `create Deployment/${name.name} as flint-activator`,
      `apply Deployment/${name.name} as flint-operator`,
    ]);
    expect(made?.spec.replicas).toBe(3);
    await world.client.setScale(deployments, name, 7, { fieldManager: 'flint-activator' });
    // Something else of it is changed by hand: the repair must not touch the count.
    const byHand = { spec: { template: { spec: { enableServiceLinks: true } } } };
    await world.client.mergePatch(deployments, name, byHand, user);
    expect(await world.settle()).toContain(`apply Deployment/${name.name} as flint-operator`);
    const [repaired] = await world.all(deployments);
    expect(repaired?.spec.replicas).toBe(7);
    expect(repaired?.spec.template.spec?.enableServiceLinks).toBe(false);
  });

  it('is not reset by a change of the scaling either', async () => {
    await world.applyFunction('hello', inline('one'));
    const { metadata } = await world.prove();
    await world.client.setScale(deployments, metadata, 0, { fieldManager: 'flint-activator' });
    await world.applyFunction('hello', { ...inline('one'), scaling: { minReplicas: 2, initialReplicas: 4 } });
    await world.settle();
    expect((await world.all(deployments))[0]?.spec.replicas).toBe(0);
  });
});

describe('a changed Runtime', () => {
  const setImage = (image: string, updates: object = {}): Promise<unknown> =>
    world.client.mergePatch(runtimes, { name: 'nodejs' }, { spec: { image, updates } }, user);
  const names = ['a', 'b', 'c', 'd'];

  async function imagesOf(): Promise<(string | undefined)[]> {
    return Promise.all(names.map(async (name) => (await world.latest(name)).spec.image));
  }

  async function proveAll(): Promise<void> {
    for (const name of names) {
      await world.applyFunction(name, inline(name));
      await world.prove(name);
    }
  }

  it('reaches its functions a few at a time, each as soon as one before it is proven', async () => {
    await proveAll();
    await setImage('nodejs:2', { maxParallel: 2 });
    await world.settle();
    expect((await imagesOf()).filter((image) => image === 'nodejs:2')).toHaveLength(2);
    await world.clock.advance(600_000);
    expect((await imagesOf()).filter((image) => image === 'nodejs:2')).toHaveLength(2);
    for (const name of names) {
      const latest = await world.latest(name);
      if (latest.spec.image === 'nodejs:2') {
        await world.reportPod(latest, readyStatus);
      }
    }
    await world.clock.advance(60_000);
    expect(await imagesOf()).toEqual(names.map(() => 'nodejs:2'));
  });

  it('that is taken back goes back everywhere at once', async () => {
    await proveAll();
    const before = await Promise.all(names.map((name) => serving(name)));
    await setImage('nodejs:broken', { maxParallel: 2 });
    await world.settle();
    await setImage((await world.all(revisions))[0]?.spec.image ?? '');
    await world.settle();
    const after = await Promise.all(names.map(async (name) => (await world.latest(name)).metadata.name));
    expect(after).toEqual(before);
  });

  it('waits for the next change of the function where the policy says so', async () => {
    await world.applyFunction('hello', inline('one'));
    await world.prove();
    const before = await revisionNames();
    await setImage('nodejs:2', { policy: 'OnNextChange' });
    await world.clock.advance(60_000);
    expect(await revisionNames()).toEqual(before);
    await world.applyFunction('hello', inline('two'));
    await world.settle();
    expect((await world.latest()).spec.image).toBe('nodejs:2');
  });

  it('that would name the files otherwise does not put its names into a Revision of before', async () => {
    await world.applyFunction('hello', inline('one'));
    const revision = await world.prove();
    await world.client.mergePatch(
      runtimes,
      { name: 'nodejs' },
      { spec: { entryFiles: ['main.ts'], updates: { policy: 'OnNextChange' } } },
      user,
    );
    await world.client.delete(configMaps, revision.metadata);
    await world.settle();
    expect(await world.all(configMaps)).toEqual([]);
  });

  it('does not hold back a change of the function itself', async () => {
    await proveAll();
    await setImage('nodejs:2', { maxParallel: 1 });
    await world.settle();
    await world.applyFunction('d', inline('changed'));
    await world.settle();
    expect((await world.latest('d')).spec.image).toBe('nodejs:2');
  });
});

describe('events', () => {
  it('tell each step once: made, ready, failed', async () => {
    await world.applyFunction('hello', inline('one'));
    const first = await world.prove();
    await world.applyFunction('hello', inline('broken'));
    await world.settle();
    const broken = await world.latest();
    for (const said of ['SyntaxError: 1', 'SyntaxError: 2']) {
      await world.reportPod(broken, crashedStatus(65, said));
      await world.settle();
    }
    expect(await world.eventsAbout('hello')).toEqual([
      `Normal RevisionCreated: the latest revision is ${first.metadata.name}`,
      `Normal RevisionReady: requests go to revision ${first.metadata.name}`,
      `Normal RevisionCreated: the latest revision is ${broken.metadata.name}`,
      'Warning CodeDidNotLoad: SyntaxError: 1',
    ]);
  });
});

describe('several operators', () => {
  it('take turns by a lease, which the one that stops gives back', async () => {
    await world.stopOperator();
    world = await OperatorWorld.start({ FLINT_LEADER_ELECTION: 'true', FLINT_NAMESPACE: 'default' });
    await world.applyFunction('hello', inline('one'));
    await world.prove();
    expect(await condition('Ready')).toMatchObject({ status: 'True' });
    await world.stopOperator();
    const lease = await world.client.get(leases, { namespace: 'default', name: 'flint-operator' });
    expect(lease.spec.holderIdentity).toBe('');
    world.startOperator();
    await world.applyFunction('hello', inline('two'));
    await world.prove();
    expect((await world.latest()).spec.code?.sha256).toBeDefined();
    expect(await revisionNames()).toHaveLength(2);
  });

  it('wait for the one that leads, and take over when nothing is heard of it any more', async () => {
    await world.stopOperator();
    world = await OperatorWorld.start({ FLINT_LEADER_ELECTION: 'true', FLINT_NAMESPACE: 'default' });
    await world.stopOperator();
    const lease = {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name: 'flint-operator', namespace: 'default' },
      spec: { holderIdentity: 'another', leaseDurationSeconds: 30 },
    };
    await world.client.apply(leases, lease, { fieldManager: 'another', force: true });
    world.startOperator();
    await world.applyFunction('hello', inline('one'));
    expect(await world.settle()).toEqual([]);
    await world.clock.advance(40_000);
    expect(await world.all(deployments)).toHaveLength(1);
  });
});

describe('invariants', () => {
  it('I1: once settled nothing is written, whatever is looked at again', async () => {
    await world.applyFunction('hello', {
      ...inline('one'),
      // Each of these comes back from an API server in another form than it was sent.
      env: [{ name: 'EMPTY', value: '' }],
      resources: { limits: { cpu: '0.5', memory: '1024Mi' } },
      podTemplate: { metadata: { annotations: {} }, spec: { hostAliases: [] } },
    });
    await world.prove();
    const before = world.writes.length;
    await world.clock.advance(3_600_000);
    await world.stopOperator();
    world.startOperator();
    await world.settle();
    expect(world.writes.slice(before)).toEqual([]);
  });

  it('I1: a Function that fails is told so once', async () => {
    await world.applyFunction('hello', { source: { configMap: { name: 'none' } } });
    await world.applyFunction('refused', { ...inline('one'), podTemplate: { spec: { hostPID: true } } });
    await world.settle();
    const before = world.writes.length;
    await world.clock.advance(3_600_000);
    expect(world.writes.slice(before)).toEqual([]);
  });

  it('I2: whatever call the operator dies before, its successor comes to the same end', async () => {
    const story = async (callsLeft: number): Promise<{ state: unknown; calls: number }> => {
      await world.stopOperator();
      world = await OperatorWorld.start();
      await world.applyFunction('hello', { ...inline('one'), revisionHistoryLimit: 1 });
      await world.prove();
      await world.applyFunction('hello', { ...inline('broken'), revisionHistoryLimit: 1 });
      await world.settle();
      world.callsLeft = callsLeft;
      await world.applyFunction('hello', { ...inline('two'), revisionHistoryLimit: 1 });
      await world.settle();
      const calls = callsLeft - world.callsLeft;
      await world.stopOperator();
      world.callsLeft = Infinity;
      world.startOperator();
      await world.prove();
      await world.collectGarbage();
      return { state: await endState(), calls };
    };
    const undisturbed = await story(1000);
    expect(undisturbed.calls).toBeGreaterThan(6);
    for (let callsLeft = 0; callsLeft < undisturbed.calls; callsLeft++) {
      const { state } = await story(callsLeft);
      expect(state, `after ${callsLeft} calls`).toEqual(undisturbed.state);
    }
  });

  it('I2: whatever call fails for a while, the end is the same', async () => {
    await world.applyFunction('hello', inline('one'));
    await world.prove();
    const wanted = await endState();
    for (const verb of ['create', 'apply', 'get', 'delete']) {
      await world.stopOperator();
      world = await OperatorWorld.start();
      let failuresLeft = 5;
      world.fault = (called) =>
        called === verb && failuresLeft-- > 0
          ? new StatusError({ code: 500, reason: 'InternalError', message: 'etcd is slow' })
          : undefined;
      await world.applyFunction('hello', inline('one'));
      await world.clock.advance(2000);
      await world.prove();
      expect(await endState(), verb).toEqual(wanted);
    }
  });

  it('I2: the children are a function of the last spec, whatever specs came before it', async () => {
    const specs = [
      inline('one'),
      inline('two'),
      { ...inline('one'), env: [{ name: 'A', value: 'b' }] },
      { ...inline('one'), concurrency: { limit: 3 } },
      { ...inline('one'), podTemplate: { spec: { hostIPC: true } } },
    ];
    const childrenAfter = async (history: readonly number[]): Promise<unknown> => {
      await world.stopOperator();
      world = await OperatorWorld.start();
      for (const index of history) {
        await world.applyFunction('hello', specs[index] ?? inline('one'));
        await world.clock.advance(0);
      }
      await world.settle();
      const { name } = (await world.latest()).metadata;
      const deployment = (await world.all(deployments)).find(({ metadata }) => metadata.name === name);
      return { name, template: deployment?.spec.template };
    };
    const alone: unknown[] = [];
    for (const index of specs.keys()) {
      alone.push(await childrenAfter([index]));
    }
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(specs.length - 1), { maxLength: 4 }),
        fc.nat(specs.length - 1),
        async (before, last) => {
          expect(await childrenAfter([...before, last])).toEqual(alone[last]);
        },
      ),
      { numRuns: 20 },
    );
  });

  it('I3: a Service of the same name that is not ours is not touched, and its end is noticed', async () => {
    const foreign = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'hello', namespace: 'shop' },
      spec: { ports: [{ port: 80 }] },
    };
    const before = await world.client.create(services, foreign, user);
    await world.applyFunction('hello', inline('one'));
    await world.prove();
    expect(await condition('Routed')).toMatchObject({ status: 'False', reason: 'NameTaken' });
    expect(await condition('Ready')).toMatchObject({ status: 'False', reason: 'NameTaken' });
    expect(await world.all(services)).toEqual([before]);
    await world.client.delete(services, before.metadata);
    await world.settle();
    expect(await condition('Ready')).toMatchObject({ status: 'True' });
  });

  const strangers: readonly { name: string; resource: Resource; object: (name: string) => KubeObject }[] = [
    { name: 'ConfigMap', resource: configMaps, object: (name) => aConfigMap({ 'index.mjs': '1' }, name) },
    {
      name: 'Deployment',
      resource: deployments,
      object: (name) => {
        const template = { metadata: { labels: { app: 'x' } }, spec: { containers: [{ name: 'x', image: 'x' }] } };
        const spec = { selector: { matchLabels: { app: 'x' } }, template };
        return { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name, namespace: 'shop' }, spec } as KubeObject;
      },
    },
  ];
  it.each(strangers)('I3: a $name of the name of a Revision that is not ours is not touched', async (tc) => {
    // Only to learn the name that the content will have.
    await world.applyFunction('hello', inline('one'));
    await world.settle();
    const { name } = (await world.latest()).metadata;
    await world.stopOperator();
    world = await OperatorWorld.start();
    const before = await world.client.create(tc.resource, tc.object(name), user);
    await world.applyFunction('hello', inline('one'));
    await world.settle();
    expect(await condition('Ready')).toMatchObject({ status: 'False', reason: 'NameTaken' });
    expect(await world.client.get(tc.resource, before.metadata)).toEqual(before);
    // No Pod may start with what a stranger put in the place of the code.
    expect((await world.all(deployments)).filter(({ metadata }) => metadata.uid !== before.metadata.uid)).toEqual([]);
    await world.client.delete(tc.resource, before.metadata);
    await world.clock.advance(60_000);
    await world.prove();
    expect(await condition('Ready')).toMatchObject({ status: 'True' });
  });

  it('I3: a Revision that only refers to the function is neither served nor removed', async () => {
    await world.applyFunction('hello', inline('one'));
    const { spec } = await world.prove();
    const { apiVersion, kind, metadata } = await world.fn();
    const owner = { apiVersion, kind, name: 'hello', uid: metadata.uid ?? '' };
    const stranger = {
      apiVersion,
      kind: 'Revision',
      metadata: { name: 'hello-by-hand', namespace: 'shop', ownerReferences: [owner] },
      spec,
    };
    await world.client.create(revisions, stranger, user);
    expect(await world.settle()).toEqual([]);
    await world.applyFunction('hello', { ...inline('two'), revisionHistoryLimit: 1 });
    await world.prove();
    expect(await revisionNames()).toContain('hello-by-hand');
    expect((await world.all(deployments)).map((deployment) => deployment.metadata.name)).not.toContain('hello-by-hand');
  });

  it('I3: nothing is deleted by a view of the function that is not the present one', async () => {
    await world.applyFunction('hello', inline('one'));
    await world.prove();
    await world.applyFunction('hello', inline('two'));
    await world.settle();
    const unproven = await world.latest();
    // The operator sees that the function goes back, and is about to remove what was superseded; but it is not any more.
    let isReversed = false;
    world.fault = (verb, resource) => {
      if (verb === 'get' && resource === functions && !isReversed) {
        isReversed = true;
        void world.applyFunction('hello', inline('two'));
      }
      return undefined;
    };
    await world.applyFunction('hello', inline('one'));
    const writes = await world.settle();
    expect(isReversed).toBe(true);
    expect(writes.filter((write) => write.startsWith('delete'))).toEqual([]);
    expect((await world.latest()).metadata.uid).toBe(unproven.metadata.uid);
  });
});

it('a Pod of another namespace, or of a Revision of the same name, proves nothing', async () => {
  await world.applyFunction('hello', inline('one'));
  await world.settle();
  const revision: Revision = await world.latest();
  const strangers = [
    { namespace: 'default', owner: 'hello' },
    { namespace: 'shop', owner: 'other' },
  ];
  for (const { namespace, owner } of strangers) {
    const labels = { 'flint.dev/function': owner, 'flint.dev/revision': revision.metadata.name };
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'stranger', namespace, labels },
      spec: { containers: [{ name: 'function', image: 'x' }] },
    };
    await world.client.create(pods, pod, user);
    const name = { namespace, name: 'stranger' };
    await world.client.mergePatch(pods, name, { status: readyStatus }, { ...user, subresource: 'status' });
  }
  await world.settle();
  expect(await condition('Ready')).toMatchObject({ status: 'Unknown' });
});
