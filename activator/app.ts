import { labels } from '../lib/api/names.ts';
import { failureOf } from '../lib/api/pod-failure.ts';
import { functions, revisions } from '../lib/api/resources.ts';
import type { Clock, Random } from '../lib/clock.ts';
import { AdminServer } from '../lib/http/admin.ts';
import type { KubeClient } from '../lib/kube/client.ts';
import { makeControllerMetrics } from '../lib/kube/controller-metrics.ts';
import type { KubeObject } from '../lib/kube/objects.ts';
import { Reflector } from '../lib/kube/reflector.ts';
import { pods, type Resource } from '../lib/kube/resources.ts';
import { runAll, type Runnable } from '../lib/lifecycle.ts';
import type { Logger } from '../lib/log.ts';
import type { Metrics } from '../lib/metrics.ts';
import { CapacityRegistry } from './capacity-registry.ts';
import type { Config } from './config.ts';
import { RequestHandler } from './http/handler.ts';
import { Observer } from './http/observe.ts';
import { Proxy } from './http/proxy.ts';
import { ProxyServer } from './http/server.ts';
import { HttpUpstream } from './http/upstream.ts';
import { soleOwner } from './peers/owner.ts';
import { socketProbe } from './replicas/socket-probe.ts';
import { RouteTable } from './routing/route-table.ts';

export interface ActivatorDeps {
  readonly config: Config;
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly metrics: Metrics;
}

/** Everything the activator is made of. `run` blocks until the signal aborts and all requests are done. */
export function makeActivator(deps: ActivatorDeps): Runnable {
  const upstream = new HttpUpstream();
  const capacity = new CapacityRegistry({
    ...deps,
    probe: socketProbe,
    failureOf,
    ownership: soleOwner,
    queue: deps.config.queue,
    maxScaleWrites: deps.config.maxScaleWrites,
    onColdStart: (route, phases) => {
      deps.log.debug('cold start', { function: route.key, ...phases });
    },
  });
  const routes = new RouteTable(deps.config.hosts, capacity);
  const caches = makeCaches(deps, { routes, capacity, upstream });
  const server = makeServer(deps, { routes, capacity, upstream });
  const admin = new AdminServer({
    ...deps.config.admin,
    checks: [
      ...caches.map((reflector) => ({ name: reflector.name, isReady: () => reflector.hasSynced })),
      { name: server.name, isReady: () => server.isReady },
    ],
    metrics: () => deps.metrics.render(),
  });
  return { name: 'activator', run: (signal) => runInOrder(server, [admin, capacity, ...caches], signal) };
}

/** The proxy drains first: what it still serves needs the caches, and `/readyz` has to say 503 meanwhile. */
async function runInOrder(server: ProxyServer, rest: readonly Runnable[], signal: AbortSignal): Promise<void> {
  const stopRest = new AbortController();
  const background = runAll(rest, stopRest.signal);
  const serving = server.run(signal).finally(() => {
    stopRest.abort();
  });
  await Promise.race([Promise.all([serving, background]), background.then(() => serving)]);
  await background;
}

interface Parts {
  readonly routes: RouteTable;
  readonly capacity: CapacityRegistry;
  readonly upstream: HttpUpstream;
}

function makeCaches(deps: ActivatorDeps, { routes, capacity, upstream }: Parts): Reflector<KubeObject>[] {
  const metrics = makeControllerMetrics(deps.metrics).reflector;
  const make = <T extends KubeObject>(resource: Resource<T>, labelSelector?: string): Reflector<T> =>
    new Reflector<T>({ ...deps, metrics, resource, ...(labelSelector === undefined ? {} : { labelSelector }) });
  const functionCache = make(functions);
  functionCache.onChange((change) => {
    if (change.type === 'set') {
      routes.functionChanged(change.object);
    } else {
      routes.functionDeleted(change.object);
    }
  });
  const revisionCache = make(revisions);
  revisionCache.onChange((change) => {
    if (change.type === 'set') {
      routes.revisionChanged(change.object);
    } else {
      routes.revisionDeleted(change.object);
    }
  });
  const podCache = make(pods, labels.function);
  podCache.onChange((change) => {
    if (change.type === 'set') {
      capacity.podChanged(change.object);
    } else {
      capacity.podDeleted(change.object);
      upstream.forget(change.object.metadata.uid ?? '');
    }
  });
  void podCache.synced.then(() => {
    capacity.podsSynced();
  });
  return [functionCache, revisionCache, podCache] as unknown as Reflector<KubeObject>[];
}

function makeServer(deps: ActivatorDeps, { routes, capacity, upstream }: Parts): ProxyServer {
  const { config, clock, log, metrics } = deps;
  const observer = new Observer({ clock, log, metrics, accessLog: config.accessLog });
  const handler = new RequestHandler({
    clock,
    log,
    routes,
    observer,
    proxy: new Proxy({ clock, capacity, upstream }),
    maxInFlight: config.maxInFlight,
  });
  return new ProxyServer(config.server, {
    clock,
    log,
    handler,
    inFlight: () => observer.inFlight,
    rejectWaiting: () => {
      capacity.drain();
    },
  });
}
