import { describe, expect, it } from 'vitest';
import { silentLogger } from '../log.ts';
import { FakeClock } from '../testing/fake-clock.ts';
import type { KubeClient, WatchOptions } from './client.ts';
import { NamespaceAccess } from './namespace-access.ts';
import { configMaps, type Resource, services } from './resources.ts';
import { ScopedCache } from './scoped-cache.ts';
import { StatusError } from './status-error.ts';

const forbidden = new StatusError({ code: 403, reason: 'Forbidden', message: 'forbidden' });
const notFound = new StatusError({ code: 404, reason: 'NotFound', message: 'not found' });
const failing = new StatusError({ code: 500, reason: 'InternalError', message: 'broken' });

/** Two kinds in the namespaces `shop` and `other`, each with one object, as long as nothing fails. */
class World {
  readonly clock = new FakeClock();
  readonly lines: string[] = [];
  readonly refused: string[] = [];
  failures = 0;
  /** Why `kind` of the namespace `other` is not answered. */
  readonly faults: { ConfigMap?: Error; Service?: Error };
  readonly #caches: readonly ScopedCache<never>[];
  readonly #stop = new AbortController();
  readonly #running: Promise<unknown>;

  constructor(faults: World['faults']) {
    this.faults = faults;
    const log = {
      ...silentLogger,
      warn: (message: string) => this.lines.push(message),
      info: (message: string) => this.lines.push(message),
    };
    const metrics = {
      refused: (namespace: string, isRefused: boolean) => this.refused.push(`${namespace} ${isRefused}`),
    };
    const deps = { clock: this.clock, random: () => 0.5, log: log as unknown as typeof silentLogger };
    const options = {
      ...deps,
      client: this.#client(),
      access: new NamespaceAccess({ ...deps, metrics }),
      metrics: { failed: () => (this.failures += 1), synced: () => undefined },
    };
    const make = (resource: Resource<never>): ScopedCache<never> =>
      new ScopedCache({ ...options, resource }, ['shop', 'other']);
    this.#caches = [make(configMaps as Resource<never>), make(services as Resource<never>)];
    this.#running = Promise.all(this.#caches.map((cache) => cache.run(this.#stop.signal)));
  }

  get haveSynced(): boolean {
    return this.#caches.every((cache) => cache.hasSynced);
  }

  /** How many objects are known, by kind. */
  get known(): readonly number[] {
    return this.#caches.map(({ store }) => store.size);
  }

  async stop(): Promise<void> {
    this.#stop.abort(new Error('stopped'));
    await this.#running;
  }

  #client(): Pick<KubeClient, 'list' | 'watch'> {
    const watch = async function* (
      this: World,
      { kind }: Resource,
      { namespace }: WatchOptions,
      signal: AbortSignal,
    ): AsyncGenerator {
      await Promise.resolve();
      const fault = this.faults[kind as 'ConfigMap' | 'Service'];
      if (namespace === 'other' && fault !== undefined) {
        throw fault;
      }
      yield { type: 'ADDED', object: { kind, metadata: { name: 'one', namespace, uid: namespace } } };
      yield { type: 'BOOKMARK', resourceVersion: '1', initialEventsEnd: true };
      await this.clock.sleep(300_000, signal);
    };
    return { watch: watch.bind(this) } as unknown as KubeClient;
  }
}

describe('a namespace of several', () => {
  it.each([
    { name: 'that is answered 403', faults: { ConfigMap: forbidden, Service: forbidden } },
    { name: 'that is answered 404', faults: { ConfigMap: notFound, Service: notFound } },
  ])('$name for every kind counts as empty after a while, told once', async (tc) => {
    const world = new World(tc.faults);
    await world.clock.advance(2000);
    expect(world.haveSynced).toBe(false);
    await world.clock.advance(10_000);
    expect([world.haveSynced, world.known, world.refused]).toEqual([true, [1, 1], ['other true']]);
    const [lines, failures] = [world.lines.length, world.failures];
    await world.clock.advance(3_600_000);
    expect([world.lines.length, world.failures]).toEqual([lines, failures]);
    expect(world.lines.filter((line) => line.includes('namespace'))).toHaveLength(1);
    await world.stop();
    expect(world.clock.pending).toBe(0);
  });

  it('that can be read again is served at once, with all of its kinds', async () => {
    const world = new World({ ConfigMap: forbidden, Service: forbidden });
    await world.clock.advance(600_000);
    delete world.faults.ConfigMap;
    delete world.faults.Service;
    while (world.known[0] === 1 && world.known[1] === 1) {
      await world.clock.advance(100);
    }
    await world.clock.advance(100);
    expect([world.known, world.refused]).toEqual([
      [2, 2],
      ['other true', 'other false'],
    ]);
    expect(world.clock.monotonic()).toBeLessThan(600_000 + 60_000);
    await world.stop();
  });

  it.each([
    { name: 'of which one kind may be read', faults: { Service: forbidden } },
    { name: 'of which one kind fails otherwise', faults: { ConfigMap: failing, Service: forbidden } },
    { name: 'that fails', faults: { ConfigMap: failing, Service: failing } },
  ])('$name is there: nothing is in step without it', async ({ faults }) => {
    const world = new World(faults);
    await world.clock.advance(3_600_000);
    expect([world.haveSynced, world.refused]).toEqual([false, []]);
    await world.stop();
  });

  it('that was read and is refused later keeps what was known of it', async () => {
    const world = new World({});
    await world.clock.advance(1000);
    Object.assign(world.faults, { ConfigMap: forbidden, Service: forbidden });
    await world.clock.advance(3_600_000);
    expect([world.known, world.refused]).toEqual([[2, 2], ['other true']]);
    await world.stop();
  });
});
