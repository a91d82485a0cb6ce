import fc from 'fast-check';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { deployments } from '../../lib/kube/resources.ts';
import { StatusError } from '../../lib/kube/status-error.ts';
import { inline } from './manifests.ts';
import { conclude, stories, type Story } from './stories.ts';
import { OperatorWorld } from './world.ts';

let world: OperatorWorld;
beforeEach(async () => {
  world = await OperatorWorld.start();
});
afterEach(() => world.stopOperator());

async function begin({ before }: Story): Promise<void> {
  await world.stopOperator();
  world = await OperatorWorld.start();
  await before?.(world);
}

/** The end when nothing goes wrong, and how many calls and writes there are on the way. */
async function undisturbed(story: Story): Promise<{ state: unknown; calls: number; writes: number }> {
  await begin(story);
  world.callsLeft = 1000;
  const writes = world.writes.length;
  await story.change(world);
  const state = await conclude(world);
  return { state, calls: 1000 - world.callsLeft, writes: world.writes.length - writes };
}

it.each(stories)(
  'I2: $name: whatever call the operator dies before, its successor comes to the same end',
  async (story) => {
    const { state, calls } = await undisturbed(story);
    expect(calls).toBeGreaterThan(0);
    for (let callsLeft = 0; callsLeft < calls; callsLeft++) {
      await begin(story);
      world.callsLeft = callsLeft;
      await story.change(world);
      await world.settle();
      await world.stopOperator();
      world.callsLeft = Infinity;
      world.startOperator();
      expect(await conclude(world), `after ${callsLeft} calls`).toEqual(state);
    }
  },
);

it.each(stories)(
  'I2: $name: whatever answer is lost although the write was done, the end is the same',
  async (story) => {
    const { state, writes } = await undisturbed(story);
    expect(writes).toBeGreaterThan(0);
    for (let answered = 0; answered < writes; answered++) {
      await begin(story);
      let left = answered;
      world.lostAnswer = () => (left-- === 0 ? new Error('read ECONNRESET') : undefined);
      await story.change(world);
      expect(await conclude(world), `after ${answered} answers`).toEqual(state);
    }
  },
);

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
