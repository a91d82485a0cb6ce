import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { configMaps, deployments } from '../../lib/kube/resources.ts';
import { StatusError } from '../../lib/kube/status-error.ts';
import { crashedStatus, inline, readyStatus, user } from './manifests.ts';
import { OperatorWorld } from './world.ts';

let world: OperatorWorld;
beforeEach(async () => {
  world = await OperatorWorld.start();
});
afterEach(() => world.stopOperator());

describe('replicas', () => {
  it('of a serving Revision that all fail make the Function not Ready, until one runs or none is wanted', async () => {
    await world.applyFunction('hello', inline('one'));
    const revision = await world.prove();
    await world.reportPod(revision, crashedStatus(1, 'Error: the database is gone'));
    await world.settle();
    const ready = await world.condition('Ready');
    expect(ready).toMatchObject({ status: 'False', reason: 'ContainerCrashed' });
    expect(ready?.message).toContain('Error: the database is gone');
    expect(await world.serving()).toBe(revision.metadata.name);
    await world.reportPod(revision, { ...readyStatus, containerStatuses: [] });
    await world.settle();
    expect(await world.condition('Ready')).toMatchObject({ status: 'True' });
  });

  it('of which an evicted Pod is left are no failure of a function at zero', async () => {
    await world.applyFunction('hello', inline('one'));
    const revision = await world.prove();
    await world.reportPod(revision, { ...crashedStatus(137, ''), phase: 'Failed', reason: 'Evicted' });
    await world.settle();
    expect(await world.condition('Ready')).toMatchObject({ status: 'True' });
    expect(await world.condition('Active')).toMatchObject({ status: 'False', reason: 'ScaledToZero' });
    expect((await world.eventsAbout('hello')).filter((event) => event.startsWith('Warning'))).toEqual([]);
  });

  it('that could not start any more, since the code of an old Revision was taken away, are told of', async () => {
    await world.applyFunction('hello', inline('one'));
    const first = await world.prove();
    await world.applyFunction('hello', inline('broken'));
    await world.settle();
    await world.client.delete(configMaps, first.metadata);
    await world.settle();
    expect(await world.condition('Ready')).toMatchObject({ status: 'Unknown', reason: 'Starting' });
    await world.removePod(first);
    await world.settle();
    expect(await world.condition('Ready')).toMatchObject({ status: 'False', reason: 'ConfigMapNotFound' });
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
    expect(await world.condition('Ready')).toMatchObject({ status: 'False', reason: 'QuotaExceeded' });
  });
});

describe('a container that runs and does not become ready', () => {
  const conditionsOf = (status: 'True' | 'False', reason: string): object => ({
    status: {
      conditions: [{ type: 'Progressing', status, reason, message: 'ReplicaSet "a" has timed out progressing.' }],
    },
  });
  const running = { name: 'function', image: 'x', imageID: '', ready: false, restartCount: 0, state: { running: {} } };
  const unready = { ...crashedStatus(0, ''), containerStatuses: [running] };

  it('is told of when the deadline has passed, with its port, and Ready as soon as it answers', async () => {
    await world.applyFunction('hello', { source: { image: 'registry/hello:1' }, port: 9000 });
    await world.settle();
    const revision = await world.latest();
    await world.reportPod(revision, unready);
    await world.settle();
    expect(await world.condition('Ready')).toMatchObject({ status: 'Unknown', reason: 'Starting' });
    expect((await world.condition('Ready'))?.message).toContain('port 9000');
    const late = conditionsOf('False', 'ProgressDeadlineExceeded');
    await world.client.mergePatch(deployments, revision.metadata, late, { ...user, subresource: 'status' });
    await world.settle();
    const ready = await world.condition('Ready');
    expect(ready).toMatchObject({ status: 'False', reason: 'ProgressDeadlineExceeded' });
    expect(ready?.message).toContain('nothing answered on its port 9000');
    expect(await world.condition('Reconciling')).toMatchObject({ status: 'True' });
    expect(await world.eventsAbout('hello')).toContainEqual(
      expect.stringMatching(/^Warning ProgressDeadlineExceeded: .*port 9000/u),
    );
    await world.reportPod(revision, readyStatus);
    await world.settle();
    expect(await world.condition('Ready')).toMatchObject({ status: 'True' });
    expect(await world.serving()).toBe(revision.metadata.name);
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
    expect(await world.condition('Ready')).toMatchObject({ status: 'False', reason: 'QuotaExceeded' });
    world.fault = () => undefined;
    await world.clock.advance(60_000);
    expect(await world.all(deployments)).toHaveLength(1);
    expect(await world.condition('Ready')).toMatchObject({ status: 'Unknown', reason: 'Starting' });
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
