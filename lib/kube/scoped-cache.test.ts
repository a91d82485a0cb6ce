import { expect, it } from 'vitest';
import { systemRandom } from '../clock.ts';
import { silentLogger } from '../log.ts';
import { FakeClock, settle } from '../testing/fake-clock.ts';
import type { KubeClient, WatchOptions } from './client.ts';
import type { ConfigMap } from './objects.ts';
import type { ReflectorMetrics } from './reflector.ts';
import { configMaps } from './resources.ts';
import { ScopedCache } from './scoped-cache.ts';

function aMap(namespace: string, name: string): ConfigMap {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace, uid: `${namespace}-${name}`, labels: { x: 'y' } },
  };
}

const live = [aMap('a', 'one'), aMap('a', 'two'), aMap('b', 'one'), aMap('c', 'one')];

/** Streams the objects of the namespace that was asked for. `held` namespaces answer nothing. */
function makeClient(asked: (string | undefined)[], held: readonly string[] = []): Pick<KubeClient, 'list' | 'watch'> {
  async function* watch(_resource: unknown, { namespace }: WatchOptions, signal: AbortSignal): AsyncGenerator {
    asked.push(namespace);
    if (namespace === undefined || !held.includes(namespace)) {
      for (const object of live.filter(({ metadata }) => namespace === undefined || metadata.namespace === namespace)) {
        yield { type: 'ADDED', object };
      }
      yield { type: 'BOOKMARK', resourceVersion: '1', initialEventsEnd: true };
    }
    await new Promise((_, reject) => {
      signal.addEventListener('abort', () => {
        reject(signal.reason as Error);
      });
    });
  }
  return { watch } as unknown as KubeClient;
}

function makeCache(
  client: Pick<KubeClient, 'list' | 'watch'>,
  namespaces: readonly string[],
  metrics: ReflectorMetrics = { failed: () => undefined, synced: () => undefined },
): ScopedCache<ConfigMap> {
  const indexers = { label: ({ metadata }: ConfigMap) => Object.values(metadata.labels ?? {}) };
  const deps = { client, clock: new FakeClock(), random: systemRandom, log: silentLogger, metrics };
  return new ScopedCache({ ...deps, resource: configMaps, indexers }, namespaces);
}

async function running(cache: ScopedCache<ConfigMap>, body: () => void | Promise<void>): Promise<void> {
  const stop = new AbortController();
  const run = cache.run(stop.signal);
  await settle();
  try {
    await body();
  } finally {
    stop.abort();
    await run;
  }
}

it('without namespaces asks once, for all of them', async () => {
  const asked: (string | undefined)[] = [];
  const cache = makeCache(makeClient(asked), []);
  await running(cache, () => {
    expect(asked).toEqual([undefined]);
    expect(cache.store.size).toBe(4);
  });
});

it('asks for nothing but its namespaces, and reads as one store', async () => {
  const asked: (string | undefined)[] = [];
  const cache = makeCache(makeClient(asked), ['a', 'b']);
  const seen: string[] = [];
  cache.onChange(({ object }) => seen.push(object.metadata.uid ?? ''));
  await running(cache, async () => {
    await cache.synced;
    expect(asked).toEqual(['a', 'b']);
    expect(seen.toSorted()).toEqual(['a-one', 'a-two', 'b-one']);
    expect(cache.store.size).toBe(3);
    expect(cache.store.get('b/one')?.metadata.uid).toBe('b-one');
    expect(cache.store.get('c/one')).toBeUndefined();
    expect([...cache.store.values()].map(({ metadata }) => metadata.uid)).toEqual(['a-one', 'a-two', 'b-one']);
    expect(cache.store.byIndex('label', 'y')).toHaveLength(3);
  });
});

it('is in step only when every namespace is', async () => {
  const cache = makeCache(makeClient([], ['b']), ['a', 'b']);
  await running(cache, () => {
    expect(cache.hasSynced).toBe(false);
  });
});

it('counts the objects of all its namespaces', async () => {
  const counts: number[] = [];
  const metrics = { failed: () => undefined, synced: (_kind: string, count: number) => counts.push(count) };
  const cache = makeCache(makeClient([]), ['a', 'b', 'c'], metrics);
  await running(cache, () => {
    expect(counts.at(-1)).toBe(4);
  });
});
