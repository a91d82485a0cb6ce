import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { labels } from '../../lib/api/names.ts';
import { revisions } from '../../lib/api/resources.ts';
import { crashedStatus, inline, user } from './manifests.ts';
import { OperatorWorld } from './world.ts';

let world: OperatorWorld;
beforeEach(async () => {
  world = await OperatorWorld.start();
});
afterEach(() => world.stopOperator());

describe('a new Revision', () => {
  it('takes traffic only when it is ready', async () => {
    await world.applyFunction('hello', inline('one'));
    const first = await world.prove();
    await world.applyFunction('hello', inline('two'));
    await world.settle();
    expect(await world.serving()).toBe(first.metadata.name);
    const second = await world.prove();
    expect(second.metadata.name).not.toBe(first.metadata.name);
    expect(await world.serving()).toBe(second.metadata.name);
  });

  it('takes traffic although somebody took its label off', async () => {
    await world.applyFunction('hello', inline('one'));
    await world.settle();
    const revision = await world.latest();
    const patch = { metadata: { labels: { [labels.function]: null } } };
    await world.client.mergePatch(revisions, revision.metadata, patch, user);
    await world.prove();
    expect(await world.serving()).toBe(revision.metadata.name);
  });

  it('of content that was there before is the old Revision, at once', async () => {
    await world.applyFunction('hello', inline('one'));
    const first = await world.prove();
    await world.applyFunction('hello', inline('two'));
    await world.prove();
    const names = await world.revisionNames();
    await world.applyFunction('hello', inline('one'));
    await world.settle();
    expect(await world.revisionNames()).toEqual(names);
    expect(await world.serving()).toBe(first.metadata.name);
  });

  it('is not made by a live setting', async () => {
    await world.applyFunction('hello', inline('one'));
    await world.prove();
    const names = await world.revisionNames();
    const live = { scaling: { minReplicas: 2 }, timeouts: { drain: '5s' }, queue: { maxRequests: 7 } };
    await world.applyFunction('hello', { ...inline('one'), ...live });
    const writes = await world.settle();
    expect(await world.revisionNames()).toEqual(names);
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
    const ready = await world.condition('Ready');
    expect(ready).toMatchObject({ status: 'False', reason: failure.reason });
    expect(ready?.message).toContain(`revision ${broken.metadata.name} does not start: `);
    expect(ready?.message).toContain(failure.said);
    expect(ready?.message).toContain(`revision ${first.metadata.name} goes on serving`);
    expect(await world.condition(failure.progress)).toMatchObject({ status: 'True', reason: failure.reason });
    expect(await world.serving()).toBe(first.metadata.name);
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
    expect(await world.serving()).toBe(second.metadata.name);
    expect(await world.revisionNames()).not.toContain(broken.metadata.name);
    await world.collectGarbage();
    await world.removePod(broken);
    await world.applyFunction('hello', inline('broken'));
    const repaired = await world.prove();
    expect(repaired.metadata.name).toBe(broken.metadata.name);
    expect(await world.serving()).toBe(broken.metadata.name);
  });

  it('beyond the history limit makes the oldest go, never the one that serves', async () => {
    for (const text of ['a', 'b', 'c', 'd']) {
      await world.applyFunction('hello', { ...inline(text), revisionHistoryLimit: 1 });
      await world.clock.advance(1000);
      await world.prove();
    }
    expect(await world.revisionNames()).toHaveLength(2);
    expect(await world.revisionNames()).toContain(await world.serving());
  });
});
