import { afterEach, beforeEach, expect, it } from 'vitest';
import { inline } from './manifests.ts';
import { OperatorWorld } from './world.ts';

let world: OperatorWorld;
beforeEach(async () => {
  world = await OperatorWorld.start();
});
afterEach(() => world.stopOperator());

it('I1: once settled nothing is written, whatever is looked at again', async () => {
  await world.applyFunction('hello', {
    ...inline('one'),
    // Each of these comes back from an API server in another form than it was sent.
    env: [{ name: 'EMPTY', value: '' }],
    resources: { limits: { cpu: '0.5', memory: '1024Mi' } },
    podTemplate: { metadata: { annotations: {} }, spec: { hostAliases: [] } },
  });
  await world.prove();
  const before = world.writes.length;
  await world.clock.advance(3_600_000);
  await world.stopOperator();
  world.startOperator();
  await world.settle();
  expect(world.writes.slice(before)).toEqual([]);
});

it('I1: a Function that fails is told so once', async () => {
  await world.applyFunction('hello', { source: { configMap: { name: 'none' } } });
  await world.applyFunction('refused', { ...inline('one'), podTemplate: { spec: { hostPID: true } } });
  await world.settle();
  const before = world.writes.length;
  await world.clock.advance(3_600_000);
  expect(world.writes.slice(before)).toEqual([]);
});
