import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { functions } from '../../lib/api/resources.ts';
import type { Condition } from '../../lib/kube/objects.ts';
import { inline } from './manifests.ts';
import { OperatorWorld } from './world.ts';

let world: OperatorWorld;
beforeEach(async () => {
  world = await OperatorWorld.start();
});
afterEach(() => world.stopOperator());

/** As a backup that is restored, or `kubectl edit --subresource=status`. */
async function writeCondition(condition: Partial<Condition>): Promise<void> {
  const name = { namespace: 'shop', name: 'hello' };
  const kept = (await world.fn()).status?.conditions?.filter(({ type }) => type !== condition.type) ?? [];
  const conditions = [...kept, { reason: 'X', message: 'x', lastTransitionTime: '2026-01-01T00:00:00Z', ...condition }];
  await world.client.mergePatch(
    functions,
    name,
    { status: { conditions } },
    { fieldManager: 'velero', subresource: 'status' },
  );
}

async function roll(texts: readonly string[]): Promise<string | undefined> {
  let latest: string | undefined;
  for (const text of texts) {
    await world.clock.advance(1000);
    await world.applyFunction('hello', { ...inline(text), revisionHistoryLimit: 1 });
    latest = (await world.prove()).metadata.name;
  }
  await world.settle();
  return latest;
}

describe('a condition that another manager wrote', () => {
  beforeEach(() => roll(['zero']));

  it('of a type of ours is put right, and taken off when it is over', async () => {
    await writeCondition({ type: 'Reconciling', status: 'True' });
    await writeCondition({ type: 'Ready', status: 'False' });
    await world.settle();
    expect(await world.condition('Reconciling')).toBeUndefined();
    expect(await world.condition('Ready')).toMatchObject({ status: 'True' });
  });

  it('of a type of ours in the middle of a change holds nothing up', async () => {
    await world.applyFunction('hello', inline('one'));
    await world.settle();
    await writeCondition({ type: 'Reconciling', status: 'True' });
    await world.settle();
    const second = await world.prove();
    expect(await world.serving()).toBe(second.metadata.name);
    expect(await world.condition('Reconciling')).toBeUndefined();
    expect(await world.condition('Ready')).toMatchObject({ status: 'True' });
  });

  it('of another type stays, and no Revision with it', async () => {
    await writeCondition({ type: 'Approved', status: 'True' });
    const latest = await roll(['one', 'two', 'three', 'four']);
    expect(await world.serving()).toBe(latest);
    expect(await world.condition('Approved')).toMatchObject({ status: 'True', reason: 'X' });
    expect(await world.revisionNames()).toHaveLength(2);
    expect(await world.settle()).toEqual([]);
  });
});
