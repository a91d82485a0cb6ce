import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { functions, revisions, runtimes } from '../../lib/api/resources.ts';
import { configMaps } from '../../lib/kube/resources.ts';
import { StatusError } from '../../lib/kube/status-error.ts';
import { inline, readyStatus, user } from './manifests.ts';
import { OperatorWorld } from './world.ts';

let world: OperatorWorld;
beforeEach(async () => {
  world = await OperatorWorld.start();
});
afterEach(() => world.stopOperator());

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
    const told = await Promise.all(names.map((name) => world.condition('Ready', name)));
    const waits = told.filter((ready) => ready?.message.includes("waits for its turn to follow Runtime 'nodejs'"));
    expect(waits.map((ready) => ready?.status)).toEqual(['True', 'True']);
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

  it('goes on to the others where a function is paused in the middle of it', async () => {
    await proveAll();
    await setImage('nodejs:2', { maxParallel: 1 });
    await world.settle();
    const [first] = (await world.all(revisions)).filter(({ spec }) => spec.image === 'nodejs:2');
    const paused = first?.spec.functionName ?? '';
    await world.client.mergePatch(functions, { namespace: 'shop', name: paused }, { spec: { paused: true } }, user);
    for (const _ of names) {
      await world.clock.advance(16_000);
      for (const name of names.filter((other) => other !== paused)) {
        await world.reportPod(await world.latest(name), readyStatus);
      }
      await world.settle();
    }
    expect(await imagesOf()).toEqual(names.map(() => 'nodejs:2'));
  });

  it('is not held up by a Revision that could not be made at the first attempt', async () => {
    await world.applyFunction('hello', inline('one'));
    await world.prove();
    let failures = 1;
    world.fault = (verb, resource) =>
      verb === 'create' && resource === revisions && failures-- > 0
        ? new StatusError({ code: 500, reason: 'InternalError', message: 'etcdserver: leader changed' })
        : undefined;
    await setImage('nodejs:2', { maxParallel: 1 });
    await world.clock.advance(1000);
    expect(failures).toBe(-1);
    expect((await world.latest()).spec.image).toBe('nodejs:2');
  });

  it('goes on to the others where the Revision of one cannot be made at all', async () => {
    await proveAll();
    let refused: string | undefined;
    world.witness = ({ verb, resource, subject }) => {
      if (verb !== 'create' || resource !== revisions) {
        return;
      }
      const owner = subject.metadata?.labels?.['flint.dev/function'];
      refused ??= owner;
      if (owner === refused) {
        throw new StatusError({ code: 403, reason: 'Forbidden', message: 'revisions is forbidden' });
      }
    };
    await setImage('nodejs:2', { maxParallel: 1 });
    await world.clock.advance(20_000);
    const updated = (await world.all(revisions)).filter(({ spec }) => spec.image === 'nodejs:2');
    expect(updated).toHaveLength(1);
    expect(updated[0]?.spec.functionName).not.toBe(refused);
  });

  it('that is taken back goes back everywhere at once', async () => {
    await proveAll();
    const before = await Promise.all(names.map((name) => world.serving(name)));
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
    const before = await world.revisionNames();
    await setImage('nodejs:2', { policy: 'OnNextChange' });
    await world.clock.advance(60_000);
    expect(await world.revisionNames()).toEqual(before);
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
