import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { functions, revisions } from '../../lib/api/resources.ts';
import type { Revision } from '../../lib/api/revision.ts';
import { configMaps, deployments, pods, services } from '../../lib/kube/resources.ts';
import { crashedStatus, inline, readyStatus, user } from './manifests.ts';
import { OperatorWorld } from './world.ts';

let world: OperatorWorld;
beforeEach(async () => {
  world = await OperatorWorld.start();
});
afterEach(() => world.stopOperator());

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
    expect(await world.condition('Ready')).toMatchObject({ status: 'Unknown', reason: 'Starting' });
    expect(await world.condition('Reconciling')).toMatchObject({ status: 'True' });
    const revision = await world.prove();
    expect((await world.fn()).status).toMatchObject({
      traffic: [{ revisionName: revision.metadata.name, percent: 100 }],
      replicas: 1,
    });
    await world.removePod(revision);
    await world.settle();
    expect(await world.condition('Ready')).toMatchObject({ status: 'True' });
    expect(await world.condition('Reconciling')).toBeUndefined();
    expect(await world.condition('Active')).toMatchObject({ status: 'False', reason: 'ScaledToZero' });
  });

  it('with initialReplicas 0 is ready unproven', async () => {
    await world.applyFunction('hello', { ...inline('one'), scaling: { initialReplicas: 0 } });
    await world.settle();
    expect((await world.all(deployments))[0]?.spec.replicas).toBe(0);
    expect(await world.condition('Ready')).toMatchObject({ status: 'True' });
  });

  it('of an image has neither Runtime nor code', async () => {
    await world.applyFunction('hello', { source: { image: 'registry/hello:1' } });
    await world.prove();
    expect(await world.all(configMaps)).toEqual([]);
    expect(await world.condition('Ready')).toMatchObject({ status: 'True' });
  });

  it('that is paused is left alone, and taken up again where it was left', async () => {
    await world.applyFunction('hello', { ...inline('one'), paused: true });
    expect(await world.settle()).toEqual([]);
    await world.applyFunction('hello', inline('one'));
    await world.prove();
    expect(await world.condition('Ready')).toMatchObject({ status: 'True' });
  });

  it('that is paused while it runs is left alone whatever happens to it, and mended once it is not any more', async () => {
    await world.applyFunction('hello', inline('one'));
    const revision = await world.prove();
    const wanted = await world.endState();
    await world.applyFunction('hello', { ...inline('two'), paused: true });
    await world.settle();
    await world.client.delete(deployments, revision.metadata);
    await world.client.delete(services, { namespace: 'shop', name: 'hello' });
    await world.reportPod(revision, crashedStatus(1, 'Error: boom'));
    expect(await world.settle()).toEqual([]);
    await world.stopOperator();
    world.startOperator();
    await world.clock.advance(600_000);
    expect(await world.settle()).toEqual([]);
    await world.applyFunction('hello', inline('one'));
    await world.prove();
    expect(await world.endState()).toEqual(wanted);
  });

  it('that is deleted gets no more writes, and what it had is left to garbage collection', async () => {
    await world.applyFunction('hello', inline('one'));
    await world.prove();
    await world.client.delete(functions, { namespace: 'shop', name: 'hello' });
    expect(await world.settle()).toEqual([]);
    await world.collectGarbage();
    expect(await world.settle()).toEqual([]);
    expect(await world.revisionNames()).toEqual([]);
    expect(await world.all(deployments)).toEqual([]);
    expect(await world.all(configMaps)).toEqual([]);
  });

  it('that is deleted and made again at once waits for what its predecessor left, and takes over none of it', async () => {
    await world.applyFunction('hello', inline('one'));
    await world.prove();
    await world.client.delete(functions, { namespace: 'shop', name: 'hello' });
    await world.applyFunction('hello', inline('one'));
    await world.settle();
    expect(await world.condition('Ready')).toMatchObject({ status: 'Unknown', reason: 'WaitingForDeletion' });
    expect(await world.serving()).toBeUndefined();
    // Its children go one generation after the other, in any order: none of them may be mistaken for ours.
    await world.collectGarbage();
    await world.settle();
    const [deployment] = await world.all(deployments);
    expect(deployment?.metadata.ownerReferences?.[0]?.uid).toBe((await world.latest()).metadata.uid);
    await world.removePod(await world.latest());
    await world.prove();
    expect(await world.condition('Ready')).toMatchObject({ status: 'True' });
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
  expect(await world.condition('Ready')).toMatchObject({ status: 'Unknown' });
});
