import { failureOf } from '../lib/api/pod-failure.ts';
import type { Clock, Random } from '../lib/clock.ts';
import { AdminServer } from '../lib/http/admin.ts';
import type { KubeClient } from '../lib/kube/client.ts';
import { makeControllerMetrics } from '../lib/kube/controller-metrics.ts';
import { NamespaceAccess } from '../lib/kube/namespace-access.ts';
import type { FilledCache } from '../lib/kube/scoped-cache.ts';
import { keyOf, makeKey } from '../lib/kube/store.ts';
import { runAll, type Runnable, untilAborted } from '../lib/lifecycle.ts';
import type { Logger } from '../lib/log.ts';
import type { Metrics } from '../lib/metrics.ts';
import { allCaches, type Caches, makeCaches } from './caches.ts';
import { CapacityRegistry } from './capacity-registry.ts';
import type { Config } from './config.ts';
import { ColdStartStatus } from './coldstart/cold-start-status.ts';
import { makeChain } from './http/chain.ts';
import { HttpUpstream } from './http/http-upstream.ts';
import { Ledger } from './http/ledger.ts';
import { ProxyServer } from './http/server.ts';
import { StandingFlows } from './http/standing-flows.ts';
import { type ActivatorMetrics, makeActivatorMetrics, makeGauges } from './metrics.ts';
import { soleOwner } from './peers/owner.ts';
import { socketProbe } from './replicas/socket-probe.ts';
import { RouteTable } from './routing/route-table.ts';

export interface ActivatorDeps {
  readonly config: Config;
  readonly client: Pick<KubeClient, 'get' | 'list' | 'watch' | 'setScale' | 'mergePatch'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly metrics: Metrics;
}

export interface Activator extends Runnable {
  /** Of the proxy, once it listens. */
  readonly port: number;
  /** Takes requests. */
  readonly isReady: boolean;
}

/** Everything the activator is made of. `run` blocks until the signal aborts and all requests are done. */
export function makeActivator(deps: ActivatorDeps): Activator {
  const { config } = deps;
  const ledger = new Ledger();
  const upstream = new HttpUpstream({
    clock: deps.clock,
    ...config.upstream,
    maxHeaderBytes: config.server.maxHeaderBytes,
  });
  const coldStartStatus = new ColdStartStatus(deps);
  const capacity = new CapacityRegistry({
    ...deps,
    probe: socketProbe,
    failureOf,
    ownership: soleOwner,
    queue: config.limits.queue,
    maxScaleWrites: config.maxScaleWrites,
    onColdStart: (route, { revisionName, phases, isFirst }) => {
      deps.log.debug('cold start', { namespace: route.namespace, function: route.name, ...phases });
      if (isFirst) {
        coldStartStatus.note(route.namespace, revisionName, phases);
      }
    },
  });
  const caches = openCaches(deps);
  const metrics = makeActivatorMetrics(deps.metrics, (key) => caches.functions.store.get(key) !== undefined);
  const filled = allCaches(caches);
  const routes = makeRoutes(deps, { caches, capacity, metrics });
  feedCapacity(caches, { capacity, upstream });
  const server = makeServer(deps, { ledger, routes, capacity, upstream, metrics });
  const setGauges = makeGauges(deps.metrics, { ledger, capacity });
  const admin = new AdminServer({
    ...config.admin,
    checks: [
      ...filled.map((cache) => ({ name: cache.name, isReady: () => cache.hasSynced })),
      { name: server.name, isReady: () => server.isReady },
    ],
    metrics: () => {
      setGauges();
      return deps.metrics.render();
    },
  });
  return {
    name: 'activator',
    get port() {
      return server.port;
    },
    get isReady() {
      return server.isReady;
    },
    run: async (signal) => {
      const proxy = makeAfterSync({ server, capacity }, filled);
      await runInOrder(proxy, [admin, capacity, ...filled], signal);
      upstream.close();
    },
  };
}

function openCaches(deps: ActivatorDeps): Caches {
  const metrics = makeControllerMetrics(deps.metrics);
  return makeCaches({
    ...deps,
    namespaces: deps.config.namespaces,
    metrics: metrics.reflector,
    access: new NamespaceAccess({ ...deps, metrics: metrics.access }),
  });
}

interface ProxyParts {
  readonly server: ProxyServer;
  readonly capacity: CapacityRegistry;
}

/** Without its caches the proxy would know no function and say so. Told to stop, it has a successor before it begins to drain. */
function makeAfterSync({ server, capacity }: ProxyParts, caches: readonly FilledCache[]): Runnable {
  return {
    name: server.name,
    run: async (signal) => {
      signal.addEventListener(
        'abort',
        () => {
          capacity.stopLowering();
        },
        { once: true },
      );
      await untilAborted(Promise.all(caches.map((cache) => cache.synced)), signal);
      if (!signal.aborted) {
        await server.run(signal);
      }
    },
  };
}

/** The proxy drains first: what it still serves needs the caches, and `/readyz` has to say 503 meanwhile. */
async function runInOrder(proxy: Runnable, rest: readonly Runnable[], signal: AbortSignal): Promise<void> {
  const stopRest = new AbortController();
  const stopProxy = new AbortController();
  const background = runAll(rest, stopRest.signal).finally(() => {
    stopProxy.abort(new Error('the parts that the proxy needs have ended'));
  });
  const serving = runAll([proxy], AbortSignal.any([signal, stopProxy.signal])).finally(() => {
    stopRest.abort(new Error('the proxy has drained'));
  });
  const results = await Promise.allSettled([background, serving]);
  for (const result of results) {
    if (result.status === 'rejected') {
      throw result.reason;
    }
  }
}

interface RouteParts {
  readonly caches: Caches;
  readonly capacity: CapacityRegistry;
  readonly metrics: ActivatorMetrics;
}

function makeRoutes({ config, clock }: ActivatorDeps, { caches, capacity, metrics }: RouteParts): RouteTable {
  const routes = new RouteTable({
    ...config.hosts,
    clock,
    functionOf: (key) => caches.functions.store.get(key),
    revisionOf: (key) => caches.revisions.store.get(key),
    onChange: (route) => {
      capacity.onRoute(route);
    },
    onRemove: (route) => {
      capacity.onRouteRemoved(route.key);
      metrics.functionRemoved(route.key);
    },
  });
  caches.functions.onChange(({ object }) => {
    routes.refresh(keyOf(object));
  });
  caches.revisions.onChange(({ object }) => {
    routes.refresh(makeKey(object.metadata.namespace, object.spec.functionName));
  });
  return routes;
}

function feedCapacity(
  caches: Caches,
  { capacity, upstream }: { readonly capacity: CapacityRegistry; readonly upstream: HttpUpstream },
): void {
  const all = allCaches(caches);
  caches.pods.onChange(({ type, object }) => {
    if (type === 'set') {
      capacity.podChanged(object);
    } else {
      capacity.podDeleted(object);
      upstream.forget(object.metadata.uid ?? '');
    }
  });
  // Routes first: a Pod is judged by the settings of its Function.
  void Promise.all(all.map((cache) => cache.synced)).then(() => {
    capacity.podsSynced();
  });
}

interface ServerParts {
  readonly ledger: Ledger;
  readonly routes: RouteTable;
  readonly capacity: CapacityRegistry;
  readonly upstream: HttpUpstream;
  readonly metrics: ActivatorMetrics;
}

function makeServer(deps: ActivatorDeps, { ledger, routes, capacity, upstream, metrics }: ServerParts): ProxyServer {
  const { clock, random, log, config } = deps;
  const { maxInFlight, maxBodyBytes, maxBufferedBytes } = config.limits;
  const handle = makeChain({
    ledger,
    routes,
    random,
    accessLog: { clock, log, enabled: config.accessLog },
    metrics: { clock, onEnd: metrics.requestEnded },
    problems: { log, onProblem: metrics.problem },
    admission: { maxInFlight },
    forwarding: {
      capacity,
      upstream,
      clock,
      maxAttempts: config.upstream.maxAttempts,
      maxBodyBytes,
      flows: new StandingFlows(maxBufferedBytes),
      onUpstreamError: metrics.upstreamFailed,
    },
  });
  return new ProxyServer(config.server, { handle, ledger, clock, log, onMalformed: metrics.problem });
}
