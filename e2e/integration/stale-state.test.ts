import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { functions, revisions } from '../../lib/api/resources.ts';
import { configMaps, deployments, pods, type Resource, services } from '../../lib/kube/resources.ts';
import { StatusError } from '../../lib/kube/status-error.ts';
import { inline, readyStatus } from './manifests.ts';
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
    const unwritten = new StatusError({ code: 500, reason: 'InternalError', message: 'not now' });
    world.fault = (verb, resource) => (verb === 'apply' && resource === functions ? unwritten : undefined);
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
