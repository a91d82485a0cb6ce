/** `node sync-process.ts URL reflector|list`: the process under test of `initial-sync.ts`. One line of JSON: {@link Sync}. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { systemClock, systemRandom } from '../../lib/clock.ts';
import { labels } from '../../lib/api/names.ts';
import { createClient, type HttpClient } from '../../lib/kube/http-client.ts';
import { pods } from '../../lib/kube/resources.ts';
import { Reflector } from '../../lib/kube/reflector.ts';
import { makeSlimSource } from '../../lib/kube/slim-source.ts';
import { byLabel, keyOf } from '../../lib/kube/store.ts';
import { WorkQueue } from '../../lib/kube/work-queue.ts';
import { silentLogger } from '../../lib/log.ts';
import { slimObject } from '../../operator/cached-objects.ts';

export interface Sync {
  readonly objects: number;
  readonly syncMs: number;
  /** The longest time in which the event loop came to nothing else. */
  readonly stallMs: number;
}

/** Shorter than any stall of note; it is part of each measured delay. */
const resolutionMs = 1;
const warmUpMs = 100;

const [url = '', how = ''] = process.argv.slice(2);
const stalls = monitorEventLoopDelay({ resolution: resolutionMs });
await pause(warmUpMs);
stalls.enable();
await pause(warmUpMs);
stalls.reset();
const startedAt = performance.now();
const objects = await (how === 'reflector' ? reflect() : listAtOnce());
const syncMs = performance.now() - startedAt;
await pause(warmUpMs);
stalls.disable();
const sync: Sync = { objects, syncMs, stallMs: Math.max(0, stalls.max / 1e6 - resolutionMs) };
process.stdout.write(`${JSON.stringify(sync)}\n`);
process.exit(0);

/** As the operator keeps its Pods: slim, indexed, and each of them a key in a queue. */
async function reflect(): Promise<number> {
  const queue = new WorkQueue({ clock: systemClock, random: systemRandom });
  const reflector = new Reflector({
    client: makeSlimSource(connect(), slimObject),
    resource: pods,
    labelSelector: labels.function,
    indexers: { revision: byLabel(labels.revision) },
    clock: systemClock,
    random: systemRandom,
    log: silentLogger,
  });
  reflector.onChange(({ object }) => {
    queue.add(keyOf(object));
  });
  void reflector.run(new AbortController().signal);
  await reflector.synced;
  return Math.min(reflector.store.size, queue.depth);
}

function connect(): HttpClient {
  return createClient({ connection: { url }, clock: systemClock, random: systemRandom, userAgent: 'flint-bench' });
}

/** The way without pages: one answer, parsed in one piece. */
async function listAtOnce(): Promise<number> {
  let count = 0;
  for await (const { items } of connect().list(pods, { pageSize: 1_000_000 })) {
    count += items.length;
  }
  return count;
}
