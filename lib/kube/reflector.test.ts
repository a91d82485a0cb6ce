import { describe, expect, it } from 'vitest';
import { settle } from '../testing/fake-clock.ts';
import { StatusError } from './status-error.ts';
import { aMap, added, bookmark, deleted, follow, initialEnd, type Step } from './testing/scripted-server.ts';

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

  it('lists where the storage of the server cannot tell its progress', async () => {
    const message =
      'a watch stream was requested by the client but the required storage feature RequestWatchProgress is disabled';
    const refusal = new StatusError({ code: 500, reason: 'InternalError', message });
    const { server, reflector, failures } = await follow([[refusal], ['stay']]);
    expect([server.lists, reflector.hasSynced, failures]).toEqual([1, true, 0]);
    expect(server.watchedAt).toEqual([0, 0]);
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

describe('what a reflector asks for', () => {
  const refusal = new StatusError({ code: 422, reason: 'Invalid', message: 'sendInitialEvents is forbidden' });
  const scope = { namespace: 'a', labelSelector: 'flint.dev/function' };

  it('is first everything, then what came after, in its namespace and by its labels', async () => {
    const { server } = await follow([[initialEnd(3), 10_000, 'end'], ['stay']], { scope });
    const common = { ...scope, timeoutSeconds: 300 };
    expect(server.watches).toEqual([
      { ...common, resourceVersion: '', sendInitialEvents: true },
      { ...common, resourceVersion: '3' },
    ]);
  });

  it('is everything of all namespaces where it has none', async () => {
    const { server } = await follow([['stay']]);
    expect(server.watches).toEqual([{ resourceVersion: '', sendInitialEvents: true, timeoutSeconds: 300 }]);
  });

  it('is a list in small pages where nothing is streamed, with the same bounds', async () => {
    const { server } = await follow([[refusal], ['stay']], { scope });
    expect(server.listed).toEqual([{ ...scope, pageSize: 250, signal: expect.any(AbortSignal) as AbortSignal }]);
    expect(server.watchedAt).toEqual([0, 0]);
    expect((await follow([[refusal], ['stay']])).server.listed).toEqual([
      { pageSize: 250, signal: expect.any(AbortSignal) as AbortSignal },
    ]);
  });

  it('is no second list as long as the first one can be gone on from', async () => {
    const { server } = await follow([[refusal], [added('x', 51), 'end'], ['stay']]);
    expect([server.lists, server.watches.map(({ resourceVersion }) => resourceVersion)]).toEqual([1, ['', '50', '51']]);
  });

  it('is asked with pauses when it is refused for another reason than that', async () => {
    const early = await follow([[initialEnd(3), 10_000, 'end'], [refusal], ['stay']]);
    expect([early.server.watchedAt, early.server.lists, early.failures]).toEqual([[0, 10_000, 10_800], 0, 1]);
    const late = await follow([[refusal], [refusal], [refusal], ['stay']]);
    expect([late.server.watchedAt, late.failures]).toEqual([[0, 0, 800, 2400], 2]);
  });
});

describe('the first copy', () => {
  it('is complete with the mark that says so, not with any bookmark', async () => {
    const { told, kept, failures } = await follow([[bookmark(1), added('x', 2), initialEnd(3), bookmark(9), 'stay']]);
    expect([told, kept, failures]).toEqual([['set x'], ['x@2'], 0]);
    expect((await follow([[bookmark(1), added('x', 2), 'stay']])).reflector.hasSynced).toBe(false);
  });

  it('is waited for by whoever waits for it', async () => {
    const isSynced = async (script: Step[]): Promise<boolean> => {
      const { reflector } = await follow([script]);
      return Promise.race([reflector.synced.then(() => true), settle().then(() => false)]);
    };
    expect(await isSynced([added('x', 1), 'stay'])).toBe(false);
    expect(await isSynced([added('x', 1), initialEnd(2), 'stay'])).toBe(true);
  });

  it('that breaks off after a while is asked for again after a pause, too', async () => {
    const { server } = await follow([
      [added('x', 1), 11_000, 'end'],
      [initialEnd(4), 'stay'],
    ]);
    expect(server.watchedAt).toEqual([0, 11_800]);
  });

  it('of many objects is taken in slices, between which others have their turn', async () => {
    const many = Array.from({ length: 1000 }, (_, index) => added(`x${index}`, index + 1));
    let [turns, slices] = [0, 0];
    const over = new AbortController();
    const others = (async () => {
      while (!over.signal.aborted) {
        turns += 1;
        await settle();
      }
    })();
    let seenAt = -1;
    const { kept } = await follow([[...many, initialEnd(1001), 'stay']], {
      onChange: () => {
        slices += turns === seenAt ? 0 : 1;
        seenAt = turns;
      },
    });
    over.abort();
    await others;
    expect(kept).toHaveLength(1000);
    expect(slices).toBeGreaterThanOrEqual(4);
  });
});

it('a change without a version is taken as it comes, and the next watch goes on from the version before', async () => {
  const { kind, apiVersion, metadata } = aMap('x', 1);
  const { resourceVersion: _, ...unversioned } = metadata;
  const object = { kind, apiVersion, metadata: unversioned };
  const changes: Step[] = [
    { type: 'ADDED', object },
    { type: 'MODIFIED', object },
  ];
  const { server, told } = await follow([[initialEnd(3), ...changes, 'end'], ['stay']]);
  expect([told, server.watches.at(-1)?.resourceVersion]).toEqual([['set x', 'set x'], '3']);
});

it('a reflector that is told to stop while it waits ends without another try', async () => {
  const { server, failures } = await follow([[new Error('refused')], ['stay']], { ms: 100 });
  expect([server.watches.length, failures]).toEqual([1, 1]);
});
