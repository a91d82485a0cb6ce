import { describe, expect, it } from 'vitest';
import { StatusError } from './status-error.ts';
import { added, deleted, follow, initialEnd, type Step } from './testing/scripted-server.ts';

const gone = new StatusError({ code: 410, reason: 'Expired', message: 'too old resource version' });

describe('a reflector', () => {
  it('has synced when the initial objects are complete, and not before', async () => {
    expect((await follow([[added('x', 1), 'stay']])).reflector.hasSynced).toBe(false);
    const { reflector, kept } = await follow([[added('x', 1), added('y', 2), initialEnd(3), 'stay']]);
    expect([reflector.hasSynced, kept]).toEqual([true, ['x@1', 'y@2']]);
  });

  it('goes on from the last version it saw when the server ends the watch', async () => {
    const { server, kept } = await follow([[initialEnd(3), added('x', 4), 'end'], ['stay']]);
    expect(server.watches.map(({ resourceVersion }) => resourceVersion)).toEqual(['', '4']);
    expect(kept).toEqual(['x@4']);
  });

  const expired = [
    { name: 'as an error event inside the stream', scripts: [[initialEnd(3), added('x', 4), gone]] },
    { name: 'as the answer to the next watch', scripts: [[initialEnd(3), added('x', 4), 'end'], [gone]] },
  ];
  for (const { name, scripts } of expired) {
    it(`starts afresh after 410 ${name}, and tells what vanished meanwhile`, async () => {
      const again: Step[] = [added('y', 9), initialEnd(10), 'stay'];
      const { told, kept } = await follow([...(scripts as Step[][]), again]);
      expect(kept).toEqual(['y@9']);
      expect(told).toEqual(['set x', 'delete x', 'set y']);
    });
  }

  it('tells the end of an object before the birth of its namesake', async () => {
    const { told } = await follow([
      [added('x', 1, 'old'), initialEnd(2), gone],
      [added('x', 8, 'new'), initialEnd(9), 'stay'],
    ]);
    expect(told).toEqual(['set x', 'delete x', 'set x']);
  });

  it('never dies of failures, however many, and slows down meanwhile', async () => {
    const broken = Array.from({ length: 6 }, () => [new Error('connection refused')]);
    const { server, kept } = await follow([...broken, [added('x', 1), initialEnd(2), 'stay']]);
    expect(kept).toEqual(['x@1']);
    expect(server.watches).toHaveLength(7);
    expect((await follow([...broken], { ms: 5000 })).server.watches.length).toBeLessThan(5);
  });

  it('does not hammer a server that ends every watch at once', async () => {
    const { server } = await follow([[initialEnd(1), 'end'], ...Array.from({ length: 100 }, (): Step[] => ['end'])], {
      ms: 5000,
    });
    expect(server.watches.length).toBeLessThan(6);
  });

  it('lists where the server does not stream the initial objects', async () => {
    const refusal = new StatusError({ code: 422, reason: 'Invalid', message: 'sendInitialEvents is forbidden' });
    const { server, reflector } = await follow([[refusal], ['stay']]);
    expect([server.lists, reflector.hasSynced, server.watches.at(-1)?.resourceVersion]).toEqual([1, true, '50']);
  });

  it('survives a handler that throws, and still calls the others', async () => {
    const { told, kept } = await follow([[initialEnd(1), added('x', 2), deleted('x', 3), 'stay']], {
      onChange: () => {
        throw new Error('a handler failed');
      },
    });
    expect([told, kept]).toEqual([['set x', 'delete x'], []]);
  });
});
