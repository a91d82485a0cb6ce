import { silentLogger } from '../../log.ts';
import { FakeClock } from '../../testing/fake-clock.ts';
import type { KubeClient, ListOptions, WatchEvent, WatchOptions } from '../client.ts';
import type { ConfigMap } from '../objects.ts';
import { type ChangeHandler, Reflector, type ReflectorMetrics } from '../reflector.ts';
import { configMaps } from '../resources.ts';

/** What a watch does next. `stay`: it is open, and silent. A number: so many milliseconds pass. */
export type Step = WatchEvent<ConfigMap> | Error | 'stay' | 'end' | number;
/** What a list answers: its names, all of version 50, or why there is none. */
type Listing = readonly string[] | Error;

export function aMap(name: string, version: number, uid = name): ConfigMap {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace: 'a', uid, resourceVersion: String(version) },
  };
}

type Make = (name: string, version: number, uid?: string) => Step;
export const added: Make = (...of) => ({ type: 'ADDED', object: aMap(...of) });
export const modified: Make = (...of) => ({ type: 'MODIFIED', object: aMap(...of) });
export const deleted: Make = (...of) => ({ type: 'DELETED', object: aMap(...of) });
export const bookmark = (version: number): Step => ({
  type: 'BOOKMARK',
  resourceVersion: String(version),
  initialEventsEnd: false,
});
export const initialEnd = (version: number): Step => ({
  type: 'BOOKMARK',
  resourceVersion: String(version),
  initialEventsEnd: true,
});

/** Answers each watch with the next script, each list with the next listing, the last one for good. */
class ScriptedServer {
  readonly watches: WatchOptions[] = [];
  /** When each watch was asked for, by the monotonic clock. */
  readonly watchedAt: number[] = [];
  readonly listed: ListOptions[] = [];
  readonly #clock: FakeClock;
  readonly #scripts: Step[][];
  readonly #listings: Listing[];

  constructor(clock: FakeClock, scripts: readonly (readonly Step[])[], listings: readonly Listing[] = [[]]) {
    this.#clock = clock;
    this.#scripts = scripts.map((script) => [...script]);
    this.#listings = [...listings];
  }

  get lists(): number {
    return this.listed.length;
  }

  get client(): Pick<KubeClient, 'list' | 'watch'> {
    return {
      list: (_resource: unknown, options: ListOptions) => this.#list(options),
      watch: (_resource: unknown, options: WatchOptions, signal: AbortSignal) => this.#watch(options, signal),
    } as unknown as KubeClient;
  }

  async *#list(options: ListOptions): AsyncGenerator {
    this.listed.push(options);
    await Promise.resolve();
    const listing = this.#listings.length > 1 ? this.#listings.shift() : this.#listings[0];
    if (listing instanceof Error) {
      throw listing;
    }
    yield { items: (listing ?? []).map((name) => aMap(name, 50)), resourceVersion: '50' };
  }

  async *#watch(options: WatchOptions, signal: AbortSignal): AsyncGenerator {
    this.watches.push(options);
    this.watchedAt.push(this.#clock.monotonic());
    for (const step of this.#scripts.shift() ?? ['stay']) {
      await Promise.resolve();
      if (step instanceof Error) {
        throw step;
      }
      if (step === 'end') {
        return;
      }
      if (step === 'stay' || typeof step === 'number') {
        await this.#clock.sleep(step === 'stay' ? 2 ** 31 : step, signal);
      } else {
        yield step;
      }
    }
  }
}

export interface FollowOptions {
  readonly listings?: readonly Listing[];
  readonly ms?: number;
  readonly onChange?: ChangeHandler<ConfigMap>;
  readonly random?: () => number;
  readonly scope?: { readonly namespace: string; readonly labelSelector: string };
}

export interface Followed {
  readonly server: ScriptedServer;
  /** What handlers were told, as `set x`. */
  readonly told: readonly string[];
  /** What is in the store in the end, as `x@4`. */
  readonly kept: readonly string[];
  readonly failures: number;
  readonly reflector: Reflector<ConfigMap>;
}

/** A reflector's two minutes with a server that does as the scripts say. */
export async function follow(scripts: readonly (readonly Step[])[], options: FollowOptions = {}): Promise<Followed> {
  const clock = new FakeClock();
  const server = new ScriptedServer(clock, scripts, options.listings);
  let failures = 0;
  const metrics: ReflectorMetrics = { failed: () => (failures += 1), synced: () => undefined };
  const reflector = new Reflector<ConfigMap>({
    client: server.client,
    resource: configMaps,
    clock,
    ...options.scope,
    random: options.random ?? (() => 0),
    log: silentLogger,
    metrics,
  });
  const told: string[] = [];
  if (options.onChange !== undefined) {
    reflector.onChange(options.onChange);
  }
  reflector.onChange(({ type, object }) => {
    told.push(`${type} ${object.metadata.name}`);
  });
  const stop = new AbortController();
  const running = reflector.run(stop.signal);
  await clock.advance(options.ms ?? 120_000);
  const kept = [...reflector.store.values()].map(
    ({ metadata }) => `${metadata.name}@${metadata.resourceVersion ?? ''}`,
  );
  stop.abort(new Error('the test is over'));
  await running;
  return { server, told, kept: kept.sort(), failures, reflector };
}
