import fc from 'fast-check';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { deployments } from '../../lib/kube/resources.ts';
import { StatusError } from '../../lib/kube/status-error.ts';
import { inline } from './manifests.ts';
import { OperatorWorld } from './world.ts';

let world: OperatorWorld;
beforeEach(async () => {
  world = await OperatorWorld.start();
});
afterEach(() => world.stopOperator());

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
    return { state: await world.endState(), calls };
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
  const wanted = await world.endState();
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
    expect(await world.endState(), verb).toEqual(wanted);
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
