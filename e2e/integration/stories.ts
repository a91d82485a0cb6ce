import { functions, runtimes } from '../../lib/api/resources.ts';
import { configMaps } from '../../lib/kube/resources.ts';
import { aConfigMap, crashedStatus, inline, user } from './manifests.ts';
import type { OperatorWorld } from './world.ts';

/** A change of what is wanted, to be made while something goes wrong. */
export interface Story {
  readonly name: string;
  /** Undisturbed. */
  readonly before?: (world: OperatorWorld) => Promise<void>;
  readonly change: (world: OperatorWorld) => Promise<unknown>;
}

const limited = (text: string): Parameters<OperatorWorld['applyFunction']>[1] => ({
  ...inline(text),
  revisionHistoryLimit: 1,
});

async function serveOne(world: OperatorWorld): Promise<void> {
  await world.applyFunction('hello', limited('one'));
  await world.prove();
}

export const stories: readonly Story[] = [
  {
    name: 'a new function',
    change: (world: OperatorWorld): Promise<unknown> => world.applyFunction('hello', inline('one')),
  },
  {
    name: 'a change that replaces what never ran',
    before: async (world: OperatorWorld): Promise<void> => {
      await serveOne(world);
      await world.applyFunction('hello', limited('broken'));
      await world.settle();
      await world.reportPod(await world.latest(), crashedStatus(1, 'Error: boom'));
      await world.settle();
    },
    change: (world: OperatorWorld): Promise<unknown> => world.applyFunction('hello', limited('two')),
  },
  {
    name: 'a change that pushes the oldest out of the history',
    before: async (world: OperatorWorld): Promise<void> => {
      await serveOne(world);
      await world.clock.advance(1000);
      await world.applyFunction('hello', limited('two'));
      await world.prove();
      await world.clock.advance(1000);
    },
    change: async (world: OperatorWorld): Promise<void> => {
      await world.applyFunction('hello', limited('three'));
      await world.settle();
    },
  },
  {
    name: 'a change back to what was',
    before: async (world: OperatorWorld): Promise<void> => {
      await serveOne(world);
      await world.applyFunction('hello', limited('two'));
      await world.prove();
    },
    change: (world: OperatorWorld): Promise<unknown> => world.applyFunction('hello', limited('one')),
  },
  {
    name: 'code that changes in its ConfigMap',
    before: async (world: OperatorWorld): Promise<void> => {
      await world.client.create(configMaps, aConfigMap({ 'index.mjs': '1' }), user);
      await world.applyFunction('hello', { source: { configMap: { name: 'code' } } });
      await world.prove();
    },
    change: (world: OperatorWorld): Promise<unknown> =>
      world.client.mergePatch(configMaps, { namespace: 'shop', name: 'code' }, { data: { 'index.mjs': '2' } }, user),
  },
  {
    name: 'a changed Runtime',
    before: serveOne,
    change: (world: OperatorWorld): Promise<unknown> =>
      world.client.mergePatch(runtimes, { name: 'nodejs' }, { spec: { image: 'nodejs:2' } }, user),
  },
  {
    name: 'a function that is made again under its name',
    before: serveOne,
    change: async (world: OperatorWorld): Promise<void> => {
      await world.client.delete(functions, { namespace: 'shop', name: 'hello' });
      await world.applyFunction('hello', limited('one'));
    },
  },
];

/** Whatever is under way comes to its end, and what runs is proven. @returns the end state */
export async function conclude(world: OperatorWorld): Promise<unknown> {
  await world.settle();
  await world.collectGarbage();
  await world.prove();
  await world.collectGarbage();
  await world.settle();
  return world.endState();
}
