import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { labels } from '../../lib/api/names.ts';
import { functions, revisions, runtimes } from '../../lib/api/resources.ts';
import type { Runtime } from '../../lib/api/runtime.ts';
import type { Deployment, KubeObject } from '../../lib/kube/objects.ts';
import { configMaps, deployments, pods, type Resource, services } from '../../lib/kube/resources.ts';
import { StatusError } from '../../lib/kube/status-error.ts';
import { aConfigMap, aForeignDeployment, aForeignService, inline, readyStatus, user } from './manifests.ts';
import { conclude } from './stories.ts';
import { type Snapshot, takeSnapshot } from './watch-faults.ts';
import { OperatorWorld } from './world.ts';

/** What an operator does that takes the past for the present: restarted at a server that is behind, or cut off from its events. */

let world: OperatorWorld;
beforeEach(async () => {
  world = await OperatorWorld.start();
});
afterEach(() => world.stopOperator());

const kinds: readonly Resource[] = [functions, revisions, deployments, configMaps, services, pods];

const notNow = new StatusError({ code: 500, reason: 'InternalError', message: 'not now' });

/** A new operator that sees `past`. @returns what brings it into the present */
async function restartIn(past: Snapshot): Promise<() => void> {
  await world.stopOperator();
  const { watches } = world.startOperator(past);
  return () => {
    watches.release();
  };
}

/** Whom the status sent requests to, one after the other, while `body` ran. */
async function trafficDuring(body: () => Promise<void>): Promise<readonly (string | undefined)[]> {
  const stop = new AbortController();
  const seen: (string | undefined)[] = [await world.serving()];
  const watch = async (): Promise<void> => {
    const options = { resourceVersion: (await world.fn()).metadata.resourceVersion ?? '', timeoutSeconds: 300 };
    for await (const event of world.client.watch(functions, options, stop.signal)) {
      if (event.type !== 'BOOKMARK') {
        seen.push(event.object.status?.traffic?.[0]?.revisionName);
      }
    }
  };
  const watching = watch().catch(() => undefined);
  await body();
  stop.abort();
  await watching;
  return seen.filter((name, index) => index === 0 || name !== seen[index - 1]);
}

describe('an operator in the past', () => {
  it('I2: sends nobody to what is not wanted any more, and comes to the same end', async () => {
    await world.applyFunction('hello', inline('one'));
    const first = await world.prove();
    await world.applyFunction('hello', inline('two'));
    await world.settle();
    // The moment in which the second one is ready, and the function does not say so yet.
    world.fault = (verb, resource) => (verb === 'apply' && resource === functions ? notNow : undefined);
    await world.reportPod(await world.latest(), readyStatus);
    await world.settle();
    const past = await takeSnapshot(world.client, kinds);
    world.fault = () => undefined;
    await world.clock.advance(5000);
    await world.applyFunction('hello', inline('one'));
    await world.settle();
    const wanted = await world.endState();
    const traffic = await trafficDuring(async () => {
      const release = await restartIn(past);
      await world.clock.advance(5000);
      release();
      await world.clock.advance(5000);
    });
    expect(traffic).toEqual([first.metadata.name]);
    expect(await conclude(world)).toEqual(wanted);
  });

  it('I3: that sees the predecessor of a function go deletes nothing of the new one', async () => {
    await world.applyFunction('hello', inline('one'));
    await world.prove();
    const past = await takeSnapshot(world.client, kinds);
    await world.client.delete(functions, { namespace: 'shop', name: 'hello' });
    await world.collectGarbage();
    await world.applyFunction('hello', inline('one'));
    await world.prove();
    const wanted = await world.endState();
    const uids = (await world.all(deployments)).map(({ metadata }) => metadata.uid);
    const written = world.writes.length;
    const release = await restartIn(past);
    await world.clock.advance(5000);
    expect(world.writes.slice(written)).toEqual([]);
    release();
    expect(await conclude(world)).toEqual(wanted);
    expect((await world.all(deployments)).map(({ metadata }) => metadata.uid)).toEqual(uids);
  });

  it('I3: that does not know of a new Revision removes none that is needed', async () => {
    await world.applyFunction('hello', { ...inline('one'), revisionHistoryLimit: 1 });
    await world.prove();
    await world.clock.advance(1000);
    await world.applyFunction('hello', { ...inline('two'), revisionHistoryLimit: 1 });
    await world.prove();
    const past = await takeSnapshot(world.client, kinds);
    await world.applyFunction('hello', { ...inline('one'), revisionHistoryLimit: 1 });
    await world.prove();
    const wanted = await world.endState();
    const release = await restartIn(past);
    await world.clock.advance(5000);
    expect(world.writes.filter((write) => write.startsWith('delete'))).toEqual([]);
    release();
    expect(await conclude(world)).toEqual(wanted);
  });

  it('I2: that hears of nothing for a while takes up the last spec, not those between', async () => {
    await world.applyFunction('hello', inline('one'));
    await world.prove();
    const [operator] = world.operators;
    operator?.watches.hold();
    for (const text of ['two', 'three', 'four']) {
      await world.applyFunction('hello', inline(text));
      await world.clock.advance(1000);
    }
    operator?.watches.release();
    await world.prove();
    expect(await world.condition('Ready')).toMatchObject({ status: 'True' });
    expect((await world.fn()).status?.observedGeneration).toBe(4);
  });
});

/** No order holds between two watches: the caches of `kinds` are behind, all others show the present. */
describe('an operator that sees of some kinds the past only', () => {
  const deno: Runtime = {
    apiVersion: 'flint.dev/v1alpha1',
    kind: 'Runtime',
    metadata: { name: 'deno' },
    spec: { image: 'deno:1', entryFiles: ['index.mjs'] },
  };
  async function warnings(): Promise<readonly string[]> {
    return (await world.eventsAbout('hello')).filter((event) => event.startsWith('Warning'));
  }

  it('misses neither the Runtime nor the ConfigMap of a function that it sees first', async () => {
    const past = await takeSnapshot(world.client, [runtimes, configMaps]);
    await world.client.create(runtimes, deno, user);
    await world.client.create(configMaps, aConfigMap({ 'index.mjs': '1' }), user);
    await world.applyFunction('hello', { runtime: 'deno', source: { configMap: { name: 'code' } } });
    const release = await restartIn(past);
    await world.settle();
    const revision = await world.latest();
    expect(revision.spec.runtime).toBe('deno');
    expect(await warnings()).toEqual([]);
    release();
    expect(await world.prove()).toMatchObject({ metadata: { uid: revision.metadata.uid } });
    expect(await world.condition('Ready')).toMatchObject({ status: 'True' });
  });

  it('says that something is missing only when the server could be asked', async () => {
    world.fault = (verb, resource) => (verb === 'get' && resource === runtimes ? notNow : undefined);
    await world.applyFunction('hello', { ...inline('one'), runtime: 'deno' });
    await world.settle();
    expect(await world.condition('Ready')).toBeUndefined();
    world.fault = () => undefined;
    await world.clock.advance(5000);
    expect(await world.condition('Ready')).toMatchObject({ status: 'False', reason: 'RuntimeNotFound' });
  });

  const namesakes: readonly { name: string; resource: Resource; make: (name: string) => KubeObject }[] = [
    { name: 'Service', resource: services, make: () => aForeignService('hello') },
    { name: 'ConfigMap', resource: configMaps, make: (name) => aConfigMap({ 'index.mjs': '1' }, name) },
    { name: 'Deployment', resource: deployments, make: (name) => labelled(aForeignDeployment(name)) },
  ];
  /** As in a copy of one of ours; others the operator's cache does not have. */
  function labelled(deployment: Deployment): Deployment {
    return { ...deployment, metadata: { ...deployment.metadata, labels: { [labels.function]: 'hello' } } };
  }

  it.each(namesakes)('takes the name of a $name that was a stranger’s and is gone', async ({ resource, make }) => {
    await world.applyFunction('hello', inline('one'));
    const { name } = (await world.prove()).metadata;
    await world.client.delete(functions, { namespace: 'shop', name: 'hello' });
    await world.collectGarbage();
    await world.stopOperator();
    const object = await world.client.create(resource, make(name), user);
    const past = await takeSnapshot(world.client, [resource]);
    await world.client.delete(resource, object.metadata);
    await world.applyFunction('hello', inline('one'));
    const release = await restartIn(past);
    await world.settle();
    expect((await world.all<KubeObject>(resource)).map(({ metadata }) => metadata.name)).toEqual([
      object.metadata.name,
    ]);
    expect(await warnings()).toEqual([]);
    release();
    await world.prove();
    expect(await world.condition('Ready')).toMatchObject({ status: 'True' });
  });

  it('gives a function that is gone none of its children back', async () => {
    await world.applyFunction('hello', inline('one'));
    const revision = await world.prove();
    const release = await restartIn(await takeSnapshot(world.client, [functions, revisions]));
    await world.settle();
    const written = world.writes.length;
    await world.client.delete(functions, { namespace: 'shop', name: 'hello' });
    await world.collectGarbage();
    await world.removePod(revision);
    await world.clock.advance(60_000);
    expect(world.writes.slice(written)).toEqual([]);
    release();
    await world.settle();
    expect(await world.endState()).toEqual([]);
  });

  it('does not take the code of a revision at zero for gone', async () => {
    const past = await takeSnapshot(world.client, [configMaps]);
    await world.applyFunction('hello', inline('one'));
    await world.removePod(await world.prove());
    await world.settle();
    const written = world.writes.length;
    const release = await restartIn(past);
    await world.settle();
    release();
    await world.settle();
    expect(world.writes.slice(written)).toEqual([]);
    expect(await warnings()).toEqual([]);
  });
});

it('a server that forgets its history while the operator is away is asked anew', async () => {
  await world.applyFunction('hello', inline('one'));
  const revision = await world.prove();
  const [operator] = world.operators;
  operator?.watches.hold();
  operator?.watches.end(new Error('read ECONNRESET'));
  await world.client.delete(deployments, revision.metadata);
  world.compact();
  operator?.watches.release();
  await world.clock.advance(10_000);
  expect(await world.all(deployments)).toHaveLength(1);
});
