import { randomUUID } from 'node:crypto';
import { apiGroup } from '../lib/api/resources.ts';
import { fieldManagers } from '../lib/api/names.ts';
import type { Clock, Random } from '../lib/clock.ts';
import { errorMessage } from '../lib/errors.ts';
import { AdminServer } from '../lib/http/admin.ts';
import type { KubeClient } from '../lib/kube/client.ts';
import { Controller } from '../lib/kube/controller.ts';
import { type ControllerMetrics, makeControllerMetrics } from '../lib/kube/controller-metrics.ts';
import { withDeadline } from '../lib/kube/deadline.ts';
import { EventRecorder } from '../lib/kube/event-recorder.ts';
import { LeaderElection } from '../lib/kube/leader-election.ts';
import { NamespaceAccess } from '../lib/kube/namespace-access.ts';
import type { KubeObject } from '../lib/kube/objects.ts';
import { keyOf, type ReadonlyStore } from '../lib/kube/store.ts';
import { runAll, type Runnable, untilAborted } from '../lib/lifecycle.ts';
import type { Logger } from '../lib/log.ts';
import type { Metrics } from '../lib/metrics.ts';
import { allCaches, type Caches, makeCaches } from './caches.ts';
import type { Config } from './config.ts';
import { FunctionReconciler } from './controllers/function/reconcile.ts';
import { RevisionReconciler } from './controllers/revision/reconcile.ts';
import { ShippedRuntimes } from './shipped-runtimes.ts';
import { enqueueFunctions, enqueueRevisions } from './triggers.ts';

export interface OperatorDeps {
  readonly config: Config;
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly metrics: Metrics;
}

/** Together with the return of the lease less than the 30 s that a Pod has to end. */
const drainMs = 10_000;
const flushMs = 5000;

/** Everything the operator is made of. `run` blocks until the signal aborts and what is being reconciled is done. */
export function makeOperator(deps: OperatorDeps): Runnable {
  const { config, metrics } = deps;
  const controllerMetrics = makeControllerMetrics(metrics);
  // As Kubernetes' own controllers have it: a restarted container is another holder.
  const identity = `${config.instance}_${randomUUID()}`;
  const events = new EventRecorder({ ...deps, controller: `${apiGroup}/operator`, instance: identity });
  const caches = makeCaches({
    ...deps,
    metrics: controllerMetrics.reflector,
    access: new NamespaceAccess({ ...deps, metrics: controllerMetrics.access }),
    namespaces: config.namespaces,
  });
  const filled = allCaches(caches);
  const { runtimesFile: file } = config;
  const shipped = file === undefined ? undefined : new ShippedRuntimes({ ...deps, file });
  const ready = [...filled.map((cache) => cache.synced), ...(shipped === undefined ? [] : [shipped.tried])];
  const controllers = makeControllers({ ...deps, events, caches, controllerMetrics, ready });
  const admin = new AdminServer({
    ...config.admin,
    checks: filled.map((cache) => ({ name: cache.name, isReady: () => cache.hasSynced })),
    metrics: () => metrics.render(),
  });
  const parts = [...controllers, ...(shipped === undefined ? [] : [shipped])];
  // A standby fills its caches and answers as ready; only the leader reconciles.
  const leading: Runnable = {
    name: 'controllers',
    run: async (signal) => {
      const work = (leader: AbortSignal): Promise<void> => drainAtMost(deps, runAll(parts, leader), leader);
      await (config.leaderElection ? makeElection(deps, identity).lead(work, signal) : work(signal));
      await withDeadline({ ...deps, ms: flushMs, message: 'the server did not take them' }, (late) =>
        untilAborted(events.flush(), late),
      );
    },
  };
  return { name: 'operator', run: (signal) => runAll([admin, ...filled, leading], signal) };
}

/**
 * What is being reconciled is finished, but for calls that hang: they end with the process, and whoever leads next does it
 * again, as after a crash.
 */
async function drainAtMost({ clock, log }: OperatorDeps, running: Promise<void>, signal: AbortSignal): Promise<void> {
  await untilAborted(running, signal);
  await withDeadline({ clock, ms: drainMs, message: 'the API server did not answer' }, async (late) => {
    await untilAborted(running, late);
    if (late.aborted) {
      log.warn('left what is being reconciled', { afterMs: drainMs, error: errorMessage(late.reason) });
    }
  });
}

interface ControllerDeps extends OperatorDeps {
  readonly events: EventRecorder;
  readonly caches: Caches;
  readonly controllerMetrics: ControllerMetrics;
  /** Without these a reconciler would take for missing what is not there yet. */
  readonly ready: readonly Promise<void>[];
}

function makeControllers(deps: ControllerDeps): readonly Controller[] {
  const { config, caches, controllerMetrics } = deps;
  const shared = {
    ...deps,
    functions: caches.functions.store,
    revisions: caches.revisions.store,
    configMaps: caches.configMaps.store,
  };
  const make = (
    name: string,
    reconciler: FunctionReconciler | RevisionReconciler,
    { store }: { readonly store: ReadonlyStore<KubeObject> },
  ): Controller =>
    new Controller({
      ...deps,
      name,
      reconciler,
      present: () => [...store.values()].map(keyOf),
      metrics: controllerMetrics.queue(name),
    });
  const functions = new FunctionReconciler({
    ...shared,
    runtimes: caches.runtimes.store,
    services: caches.services.store,
    urls: config.urls,
    activatorService: config.activatorService,
  });
  const revisions = new RevisionReconciler({
    ...shared,
    deployments: caches.deployments.store,
    pods: caches.pods.store,
    allowHostAccess: config.allowHostAccess,
  });
  const controllers = {
    functions: make('function', functions, caches.functions),
    revisions: make('revision', revisions, caches.revisions),
  };
  enqueueFunctions(caches, controllers.functions);
  enqueueRevisions(caches, controllers.revisions);
  return Object.values(controllers);
}

function makeElection(deps: OperatorDeps, identity: string): LeaderElection {
  return new LeaderElection({ ...deps, namespace: deps.config.namespace, name: fieldManagers.operator, identity });
}
