import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Deployment } from '../../lib/kube/objects.ts';
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

interface Owner {
  readonly manager: string;
  readonly operation: string;
  readonly subresource?: string;
  readonly fieldsV1: object;
}

/** Who owns what of it, its status and what Kubernetes' controllers note left out. */
function ownersOf({ metadata }: Deployment): Record<string, object> {
  const owners = (metadata.managedFields ?? []) as Owner[];
  return Object.fromEntries(owners.map(({ manager, operation, fieldsV1 }) => [`${manager} ${operation}`, fieldsV1]));
}

describe('a Deployment', () => {
  it('is the operator’s from its creation on, and of the activator only its replica count', async () => {
    await world.applyFunction('hello', {
      ...inline('one'),
      env: [{ name: 'A', value: '1' }],
      scaling: { minReplicas: 3 },
    });
    await world.settle();
    const born = await world.client.get(deployments, (await world.latest()).metadata);
    const owners = ownersOf(born);
    expect(owners['flint-activator Update']).toEqual({ 'f:spec': { 'f:replicas': {} } });
    const { 'f:spec': spec } = { 'f:spec': {}, ...owners['flint-operator Apply'] };
    expect(Object.keys(spec)).toEqual(
      expect.arrayContaining(['f:selector', 'f:template', 'f:progressDeadlineSeconds']),
    );
    expect(spec).not.toHaveProperty('f:replicas');
    expect(owners).not.toHaveProperty('flint-operator Update');
  });

  it.each([
    { name: 'that was created and then applied', isApplied: true },
    { name: 'of whose creation its process died', isApplied: false },
  ])('$name by a release that stated more loses that, and keeps its replica count', async ({ isApplied }) => {
    await world.applyFunction('hello', inline('one'));
    const revision = await world.prove();
    const { metadata, spec } = await world.client.get(deployments, revision.metadata);
    await world.stopOperator();
    const { labels = {}, ownerReferences = [], namespace = '', name } = metadata;
    const former: Deployment = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name, namespace, labels, ownerReferences, annotations: { 'flint.dev/stated-sha256': 'of before' } },
      spec: structuredClone({ selector: spec.selector, template: spec.template }),
    };
    const [container] = former.spec.template.spec?.containers ?? [];
    container?.env?.push({ name: 'FLINT_FORMER', value: '1' });
    await world.client.delete(deployments, metadata);
    const born = { ...former, spec: { ...former.spec, replicas: 3 } };
    await world.client.create(deployments, born, { fieldManager: 'flint-activator' });
    if (isApplied) {
      await world.client.apply(deployments, former, { fieldManager: 'flint-operator', force: true });
    }
    world.startOperator();
    await world.settle();
    const after = await world.client.get(deployments, metadata);
    expect(after.spec.template.spec?.containers[0]?.env?.map((one) => one.name)).not.toContain('FLINT_FORMER');
    expect(after.spec.replicas).toBe(3);
    expect(ownersOf(after)['flint-activator Update']).toEqual({ 'f:spec': { 'f:replicas': {} } });
    expect(await world.settle()).toEqual([]);
  });

  it('whose owners are others by the time that it is handed over is looked at again, and no fault of its function', async () => {
    world.witness = async ({ verb, resource, subject }) => {
      if (verb === 'jsonPatch' && resource === deployments) {
        const label = { metadata: { labels: { team: 'a' } } };
        const name = { namespace: 'shop', name: subject.name ?? '' };
        // By the same name, and so to the same entry.
        await world.client.mergePatch(deployments, name, label, { fieldManager: 'flint-activator' });
      }
    };
    await world.applyFunction('hello', inline('one'));
    await world.settle();
    await world.clock.advance(5000);
    expect(await world.condition('Ready')).toMatchObject({ status: 'Unknown', reason: 'Starting' });
    expect(await world.all(deployments)).toHaveLength(1);
  });
});

describe('the drain time of a Deployment', () => {
  const variable = { name: 'FLINT_DRAIN_TIMEOUT', value: '30s' };

  it.each(['never', '1h'])('is that of the birth again when somebody writes %s into it', async (value) => {
    await world.applyFunction('hello', inline('one'));
    const revision = await world.prove();
    await world.applyFunction('hello', { ...inline('one'), timeouts: { drain: '5s' } });
    await world.settle();
    const { spec } = await world.client.get(deployments, revision.metadata);
    const env = spec.template.spec?.containers[0]?.env ?? [];
    const path = `/spec/template/spec/containers/0/env/${env.findIndex(({ name }) => name === variable.name)}/value`;
    await world.client.jsonPatch(deployments, revision.metadata, [{ op: 'replace', path, value }], user);
    await world.settle();
    const repaired = (await world.client.get(deployments, revision.metadata)).spec.template.spec;
    expect(repaired?.containers[0]?.env).toContainEqual(variable);
    expect(repaired?.terminationGracePeriodSeconds).toBe(35);
    // What is told goes on, too.
    await world.removePod(revision);
    await world.settle();
    expect((await world.fn()).status?.replicas).toBe(0);
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
      `jsonPatch Deployment/${name.name} as flint-operator`,
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
