import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { findCondition } from '../../lib/api/conditions.ts';
import type { FunctionObject } from '../../lib/api/function.ts';
import { functions, revisions } from '../../lib/api/resources.ts';
import { configMaps, deployments, pods, services } from '../../lib/kube/resources.ts';
import { CrashError, crashedStatus, OperatorWorld, readyStatus } from './world.ts';

let world = new OperatorWorld();
beforeEach(async () => {
  world = new OperatorWorld();
  await world.setUp();
});

const inline = (text: string) => ({ source: { inline: `export default () => new Response('${text}');` } });

async function theFunction(): Promise<FunctionObject> {
  return world.client.get(functions, { namespace: 'shop', name: 'hello' });
}

async function theRevisions(): Promise<string[]> {
  return (await world.all(revisions)).map((revision) => revision.metadata.name).sort();
}

/** Makes the newest Revision ready and lets the operator see it. @returns its name */
async function prove(): Promise<string> {
  await world.settle();
  const name = (await theFunction()).status?.latestCreatedRevision ?? '';
  await world.makePod(name, 'hello', readyStatus);
  await world.settle();
  return name;
}

/** What there is, without what differs between two runs of the same story. */
async function endState(): Promise<unknown> {
  const objects = await Promise.all(
    [functions, revisions, deployments, configMaps, services].map((resource) =>
      world.all(resource as typeof functions),
    ),
  );
  return objects.flat().map(({ kind, metadata, spec, status, ...rest }) => ({
    kind,
    name: metadata.name,
    owners: metadata.ownerReferences?.map((owner) => owner.name),
    spec,
    rest,
    conditions: status?.conditions?.map(({ type, status: value, reason }) => [type, value, reason]),
    traffic: status?.traffic,
  }));
}

describe('a Function', () => {
  it('becomes a Revision with its code, a Deployment and a Service, all of them its own', async () => {
    await world.applyFunction('hello', inline('one'));
    await world.settle();
    const [revision] = await world.all(revisions);
    const [deployment] = await world.all(deployments);
    const [code] = await world.all(configMaps);
    const [service] = await world.all(services);
    expect(revision?.metadata.name).toMatch(/^hello-[0-9a-f]{10}$/u);
    expect(deployment?.metadata.ownerReferences?.[0]).toMatchObject({ uid: revision?.metadata.uid, controller: true });
    expect(code).toMatchObject({ immutable: true, data: { 'index.mjs': inline('one').source.inline } });
    expect(service?.spec).toMatchObject({
      type: 'ExternalName',
      externalName: 'activator.flint-system.svc.cluster.local',
    });
    expect((await theFunction()).status).toMatchObject({
      url: 'http://hello.shop.example.com',
      address: { url: 'http://hello.shop.svc.cluster.local' },
      traffic: [],
    });
  });

  it('gets traffic once a replica of it was ready, and is Ready from then on, also at zero', async () => {
    await world.applyFunction('hello', inline('one'));
    const name = await prove();
    expect((await theFunction()).status).toMatchObject({
      traffic: [{ revisionName: name, percent: 100 }],
      replicas: 1,
    });
    await world.client.delete(pods, { namespace: 'shop', name: `${name}-pod` });
    await world.settle();
    const { status } = await theFunction();
    expect(findCondition(status?.conditions, 'Ready')?.status).toBe('True');
    expect(findCondition(status?.conditions, 'Active')).toMatchObject({ status: 'False', reason: 'ScaledToZero' });
  });

  it('with initialReplicas 0 is ready unproven', async () => {
    await world.applyFunction('hello', { ...inline('one'), scaling: { initialReplicas: 0 } });
    await world.settle();
    expect((await world.all(deployments))[0]?.spec.replicas).toBe(0);
    expect(findCondition((await theFunction()).status?.conditions, 'Ready')?.status).toBe('True');
  });

  it('moves traffic to a new Revision only when that is ready', async () => {
    await world.applyFunction('hello', inline('one'));
    const first = await prove();
    await world.applyFunction('hello', inline('two'));
    await world.settle();
    expect((await theFunction()).status?.traffic?.[0]?.revisionName).toBe(first);
    const second = await prove();
    expect(second).not.toBe(first);
    expect((await theFunction()).status?.traffic?.[0]?.revisionName).toBe(second);
  });

  it('with the old content applied again is the old Revision, at once', async () => {
    await world.applyFunction('hello', inline('one'));
    const first = await prove();
    await world.applyFunction('hello', inline('two'));
    await prove();
    const names = await theRevisions();
    await world.applyFunction('hello', inline('one'));
    await world.settle();
    expect(await theRevisions()).toEqual(names);
    expect((await theFunction()).status?.traffic?.[0]?.revisionName).toBe(first);
  });

  const failures = [
    { exitCode: 65, message: 'SyntaxError: no (index.mjs:1:2)', reason: 'CodeDidNotLoad' },
    { exitCode: 66, message: 'index.mjs has no default export', reason: 'HandlerNotFound' },
    { exitCode: 1, message: 'Error: boom', reason: 'ContainerCrashed' },
  ];
  for (const { exitCode, message, reason } of failures) {
    it(`whose newest Revision ends with exit code ${exitCode} says ${reason} while the old one serves`, async () => {
      await world.applyFunction('hello', inline('one'));
      const first = await prove();
      await world.applyFunction('hello', inline('broken'));
      await world.settle();
      const broken = (await theFunction()).status?.latestCreatedRevision ?? '';
      await world.makePod(broken, 'hello', crashedStatus(exitCode, message));
      await world.settle();
      const { status } = await theFunction();
      const ready = findCondition(status?.conditions, 'Ready');
      expect(ready).toMatchObject({ status: 'False', reason });
      expect(ready?.message).toContain(message);
      expect(ready?.message).toContain(`${first} goes on serving`);
      expect(findCondition(status?.conditions, 'Stalled')?.status).toBe('True');
      expect(status?.traffic?.[0]?.revisionName).toBe(first);
    });
  }

  it('without its Runtime or ConfigMap says so, and recovers when it appears', async () => {
    await world.applyFunction('hello', { source: { configMap: { name: 'code' } } });
    await world.settle();
    expect(findCondition((await theFunction()).status?.conditions, 'Ready')).toMatchObject({
      status: 'False',
      reason: 'ConfigMapNotFound',
    });
    const code = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'code', namespace: 'shop' },
      data: { 'index.mjs': '1' },
    };
    await world.client.create(configMaps, code, { fieldManager: 'kubectl' });
    await world.settle();
    expect(await theRevisions()).toHaveLength(1);
    expect(findCondition((await theFunction()).status?.conditions, 'Stalled')).toBeUndefined();
  });

  it('keeps as many old Revisions as its history limit says, and never loses the one that serves', async () => {
    for (const text of ['a', 'b', 'c', 'd']) {
      await world.applyFunction('hello', { ...inline(text), revisionHistoryLimit: 1 });
      await world.clock.advance(1000);
      await prove();
    }
    const names = await theRevisions();
    expect(names).toHaveLength(2);
    expect(names).toContain((await theFunction()).status?.latestReadyRevision);
  });

  it('that is paused is left alone', async () => {
    await world.applyFunction('hello', { ...inline('one'), paused: true });
    expect(await world.settle()).toEqual([]);
  });
});

describe('the replica count of a Deployment', () => {
  it('belongs to the activator from its creation on, and no reconcile of ours resets it', async () => {
    await world.applyFunction('hello', { ...inline('one'), scaling: { minReplicas: 3 } });
    await world.settle();
    const [made] = await world.all(deployments);
    expect(made?.spec.replicas).toBe(3);
    const name = { namespace: 'shop', name: made?.metadata.name ?? '' };
    await world.client.setScale(deployments, name, 7, { fieldManager: 'flint-activator' });
    // Something else of it was changed by hand: the repair must not touch the count.
    await world.client.mergePatch(
      deployments,
      name,
      { spec: { template: { spec: { enableServiceLinks: true } } } },
      { fieldManager: 'somebody' },
    );
    await world.settle();
    const [after] = await world.all(deployments);
    expect(after?.spec.replicas).toBe(7);
    expect(after?.spec.template.spec?.enableServiceLinks).toBe(false);
  });
});

describe('invariants', () => {
  it('I1: once settled nothing is written, however often everything is looked at', async () => {
    await world.applyFunction('hello', inline('one'));
    await prove();
    const before = world.writes.length;
    for (let round = 0; round < 5; round++) {
      await world.clock.advance(60_000);
      await world.reconcileAll();
    }
    expect(world.writes.slice(before)).toEqual([]);
  });

  it('I2: whatever call the operator dies before, its successor comes to the same end', async () => {
    const story = async (crashAfter: number): Promise<unknown> => {
      world = new OperatorWorld();
      await world.setUp();
      await world.applyFunction('hello', inline('one'));
      world.callsLeft = crashAfter;
      await world.settle().catch((error: unknown) => {
        expect(error).toBeInstanceOf(CrashError);
      });
      world.callsLeft = Infinity;
      await prove();
      return endState();
    };
    const wanted = await story(Infinity);
    for (let crashAfter = 0; crashAfter < 12; crashAfter++) {
      expect(await story(crashAfter), `after ${crashAfter} calls`).toEqual(wanted);
    }
  });

  it('I2: the children are a function of the last spec, whatever specs came before it', async () => {
    const specs = [
      inline('one'),
      inline('two'),
      { ...inline('one'), env: [{ name: 'A', value: 'b' }] },
      { ...inline('one'), concurrency: { limit: 3 } },
      { ...inline('one'), scaling: { maxReplicas: 3 } },
    ];
    const revisionOf = async (history: readonly number[]): Promise<unknown> => {
      world = new OperatorWorld();
      await world.setUp();
      for (const index of history) {
        await world.applyFunction('hello', specs[index] ?? inline('one'));
        await world.reconcileAll();
      }
      await world.settle();
      const name = (await theFunction()).status?.latestCreatedRevision;
      const deployment = (await world.all(deployments)).find(({ metadata }) => metadata.name === name);
      return { name, template: deployment?.spec.template };
    };
    const alone: unknown[] = [];
    for (const index of specs.keys()) {
      alone.push(await revisionOf([index]));
    }
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(specs.length - 1), { maxLength: 4 }),
        fc.nat(specs.length - 1),
        async (before, last) => {
          expect(await revisionOf([...before, last])).toEqual(alone[last]);
        },
      ),
      { numRuns: 15 },
    );
  });

  it('I3: a Deployment, ConfigMap or Service of the same name that is not ours is neither changed nor deleted', async () => {
    const foreign = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'hello', namespace: 'shop' },
      spec: { ports: [{ port: 80 }] },
    };
    const before = await world.client.create(services, foreign, { fieldManager: 'kubectl' });
    await world.applyFunction('hello', inline('one'));
    await world.settle();
    const ready = findCondition((await theFunction()).status?.conditions, 'Routed');
    expect(ready).toMatchObject({ status: 'False', reason: 'NameTaken' });
    expect((await world.all(services))[0]).toEqual(before);
  });
});
