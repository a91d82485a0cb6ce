import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { crashedStatus, inline } from './manifests.ts';
import { OperatorWorld } from './world.ts';

let world: OperatorWorld;
beforeEach(async () => {
  world = await OperatorWorld.start();
});
afterEach(() => world.stopOperator());

describe('events', () => {
  it('tell each step once: made, ready, failed', async () => {
    await world.applyFunction('hello', inline('one'));
    const first = await world.prove();
    await world.applyFunction('hello', inline('broken'));
    await world.settle();
    const broken = await world.latest();
    for (const said of ['SyntaxError: 1', 'SyntaxError: 2']) {
      await world.reportPod(broken, crashedStatus(65, said));
      await world.settle();
    }
    expect(await world.eventsAbout('hello')).toEqual([
      `Normal RevisionCreated: the latest revision is ${first.metadata.name}`,
      `Normal RevisionReady: requests go to revision ${first.metadata.name}`,
      `Normal RevisionCreated: the latest revision is ${broken.metadata.name}`,
      'Warning CodeDidNotLoad: SyntaxError: 1',
    ]);
  });
});
