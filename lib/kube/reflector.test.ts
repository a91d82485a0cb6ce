import { describe, expect, it } from 'vitest';
import { silentLogger } from '../log.ts';
import { FakeClock, settle } from '../testing/fake-clock.ts';
import type { KubeClient, WatchEvent, WatchOptions } from './client.ts';
import type { ConfigMap } from './objects.ts';
import { Reflector } from './reflector.ts';
import { configMaps } from './resources.ts';
import { StatusError } from './status-error.ts';

type Step = WatchEvent<ConfigMap> | Error | 'stay' | 'end';

function aMap(name: string, version: number, uid = name): ConfigMap {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace: 'a', uid, resourceVersion: String(version) },
  };
}

const added = (name: string, version: number, uid?: string): Step => ({
  type: 'ADDED',
  object: aMap(name, version, uid),
});
const deleted = (name: string, version: number): Step => ({ type: 'DELETED', object: aMap(name, version) });
const initialEnd = (version: number): Step => ({
  type: 'BOOKMARK',
  resourceVersion: String(version),
  initialEventsEnd: true,
});
const gone = new StatusError({ code: 410, reason: 'Expired', message: 'too old resource version' });

/** Answers each watch with the next script. */
class Scripted {
  readonly watches: WatchOptions[] = [];
  lists = 0;
  listed: ConfigMap[] = [];
  readonly #scripts: Step[][];

  constructor(scripts: Step[][]) {
    this.#scripts = scripts;
  }

  get client(): Pick<KubeClient, 'list' | 'watch'> {
    return {
      list: () => this.#list(),
      watch: (_resource: unknown, options: WatchOptions, signal: AbortSignal) => this.#watch(options, signal),
    } as unknown as KubeClient;
  }

  async *#list(): AsyncGenerator {
    this.lists += 1;
    await settle();
    yield { items: this.listed, resourceVersion: '50' };
  }

  async *#watch(options: WatchOptions, signal: AbortSignal): AsyncGenerator {
    this.watches.push(options);
    for (const step of this.#scripts.shift() ?? ['stay']) {
      await Promise.resolve();
      if (step instanceof Error) {
        throw step;
      }
      if (step === 'end') {
        return;
      }
      if (step === 'stay') {
        await new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            reject(signal.reason as Error);
          });
        });
      }
      yield step;
    }
  }
}

async function follow(scripts: Step[][], ms = 120_000) {
  const server = new Scripted(scripts);
  const clock = new FakeClock();
  const reflector = new Reflector<ConfigMap>({
    client: server.client,
    resource: configMaps,
    clock,
    random: () => 0,
    log: silentLogger,
  });
  const told: string[] = [];
  reflector.onChange((change) => {
    told.push(`${change.type} ${change.object.metadata.name}`);
  });
  const stop = new AbortController();
  const running = reflector.run(stop.signal);
  await clock.advance(ms);
  const names = [...reflector.store.values()].map((object) => object.metadata.name).sort();
  stop.abort(new Error('the test is over'));
  await running;
  return { server, told, names, reflector, clock };
}

describe('a reflector', () => {
  it('has synced when the initial objects are complete, and not before', async () => {
    expect((await follow([[added('x', 1), 'stay']])).reflector.hasSynced).toBe(false);
    const { reflector, names } = await follow([[added('x', 1), added('y', 2), initialEnd(3), 'stay']]);
    expect([reflector.hasSynced, names]).toEqual([true, ['x', 'y']]);
  });

  it('goes on from the last version it saw when the server ends the watch', async () => {
    const { server, names } = await follow([[initialEnd(3), added('x', 4), 'end'], ['stay']]);
    expect(server.watches.map(({ resourceVersion }) => resourceVersion)).toEqual(['', '4']);
    expect(names).toEqual(['x']);
  });

  const expired = [
    { name: 'as an error event inside the stream', scripts: [[initialEnd(3), added('x', 4), gone]] },
    { name: 'as the answer to the next watch', scripts: [[initialEnd(3), added('x', 4), 'end'], [gone]] },
  ];
  for (const { name, scripts } of expired) {
    it(`starts afresh after 410 ${name}, and tells what vanished meanwhile`, async () => {
      const again: Step[] = [added('y', 9), initialEnd(10), 'stay'];
      const { told, names } = await follow([...(scripts as Step[][]), again]);
      expect(names).toEqual(['y']);
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
    const { server, names } = await follow([...broken, [added('x', 1), initialEnd(2), 'stay']]);
    expect(names).toEqual(['x']);
    expect(server.watches).toHaveLength(7);
    expect((await follow([...broken], 5000)).server.watches.length).toBeLessThan(5);
  });

  it('does not hammer a server that ends every watch at once', async () => {
    const { server } = await follow(
      [[initialEnd(1), 'end'], ...Array.from({ length: 100 }, (): Step[] => ['end'])],
      5000,
    );
    expect(server.watches.length).toBeLessThan(6);
  });

  it('lists where the server does not stream the initial objects', async () => {
    const refusal = new StatusError({ code: 422, reason: 'Invalid', message: 'sendInitialEvents is forbidden' });
    const { server, reflector } = await follow([[refusal], ['stay']]);
    expect([server.lists, reflector.hasSynced, server.watches.at(-1)?.resourceVersion]).toEqual([1, true, '50']);
  });

  it('survives a handler that throws, and still calls the others', async () => {
    const server = new Scripted([[initialEnd(1), added('x', 2), deleted('x', 3), 'stay']]);
    const clock = new FakeClock();
    const reflector = new Reflector<ConfigMap>({
      client: server.client,
      resource: configMaps,
      clock,
      random: () => 0,
      log: silentLogger,
    });
    let calls = 0;
    reflector.onChange(() => {
      throw new Error('a handler failed');
    });
    reflector.onChange(() => {
      calls += 1;
    });
    const stop = new AbortController();
    const running = reflector.run(stop.signal);
    await clock.advance(1000);
    stop.abort(new Error('the test is over'));
    await running;
    expect([calls, reflector.store.size]).toEqual([2, 0]);
  });
});
