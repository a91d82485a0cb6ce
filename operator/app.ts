import { randomUUID } from 'node:crypto';
import { fieldManagers, labels } from '../lib/api/names.ts';
import { functions, revisions, runtimes } from '../lib/api/resources.ts';
import type { Revision } from '../lib/api/revision.ts';
import type { Clock, Random } from '../lib/clock.ts';
import { AdminServer } from '../lib/http/admin.ts';
import type { KubeClient } from '../lib/kube/client.ts';
import { Controller } from '../lib/kube/controller.ts';
import { type ControllerMetrics, makeControllerMetrics } from '../lib/kube/controller-metrics.ts';
import { LeaderElection } from '../lib/kube/leader-election.ts';
import type { KubeObject } from '../lib/kube/objects.ts';
import { Reflector } from '../lib/kube/reflector.ts';
import { configMaps, deployments, pods, type Resource, services } from '../lib/kube/resources.ts';
import { byLabel, byOwnerUid, keyOf, makeKey } from '../lib/kube/store.ts';
import { runAll, type Runnable } from '../lib/lifecycle.ts';
import type { Logger } from '../lib/log.ts';
import type { Metrics } from '../lib/metrics.ts';
import type { Config } from './config.ts';
import { FunctionReconciler } from './controllers/function/reconcile.ts';
import { RevisionReconciler } from './controllers/revision/reconcile.ts';

export interface OperatorDeps {
  readonly config: Config;
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly metrics: Metrics;
}

/** Everything the operator is made of. `run` blocks until the signal aborts. */
export function makeOperator(deps: OperatorDeps): Runnable {
  const metrics = makeControllerMetrics(deps.metrics);
  const caches = makeCaches(deps, metrics);
  const reflectors = Object.values(caches) as Reflector<KubeObject>[];
  const controllers = makeControllers(deps, caches, metrics);
  const admin = new AdminServer({
    ...deps.config.admin,
    checks: reflectors.map((reflector) => ({ name: reflector.name, isReady: () => reflector.hasSynced })),
    metrics: () => deps.metrics.render(),
  });
  // A standby fills its caches and answers as ready; only the leader reconciles.
  const leading: Runnable = {
    name: 'controllers',
    run: (signal) =>
      deps.config.leaderElection
        ? makeElection(deps).lead((leader) => runAll(controllers, leader), signal)
        : runAll(controllers, signal),
  };
  return { name: 'operator', run: (signal) => runAll([admin, ...reflectors, leading], signal) };
}

type Caches = ReturnType<typeof makeCaches>;

function makeCaches(deps: OperatorDeps, metrics: ControllerMetrics) {
  const make = <T extends KubeObject>(resource: Resource<T>, labelSelector?: string): Reflector<T> =>
    new Reflector<T>({
      ...deps,
      metrics: metrics.reflector,
      resource,
      indexers: { owner: byOwnerUid, revision: byLabel(labels.revision), function: byLabel(labels.function) },
      ...(labelSelector === undefined ? {} : { labelSelector }),
    });
  return {
    functions: make(functions),
    revisions: make(revisions),
    runtimes: make(runtimes),
    deployments: make(deployments, labels.function),
    pods: make(pods, labels.function),
    // Users' ConfigMaps hold code and carry no label of ours.
    configMaps: make(configMaps),
    services: make(services),
  };
}

function makeControllers(deps: OperatorDeps, caches: Caches, metrics: ControllerMetrics): Controller[] {
  const { config } = deps;
  const stores = {
    functions: caches.functions.store,
    revisions: caches.revisions.store,
    runtimes: caches.runtimes.store,
    deployments: caches.deployments.store,
    pods: caches.pods.store,
    configMaps: caches.configMaps.store,
    services: caches.services.store,
  };
  const ready = Object.values(caches).map((reflector) => reflector.synced);
  const functionController = new Controller({
    ...deps,
    metrics: metrics.queue('function'),
    name: 'function',
    reconciler: new FunctionReconciler({
      ...deps,
      ...stores,
      urls: config.urls,
      activatorService: config.activatorService,
    }),
    ready,
  });
  const revisionController = new Controller({
    ...deps,
    metrics: metrics.queue('revision'),
    name: 'revision',
    reconciler: new RevisionReconciler({ ...deps, ...stores }),
    ready,
  });
  enqueueFunctions(caches, functionController);
  enqueueRevisions(caches, revisionController);
  return [functionController, revisionController];
}

/** What may change a function's situation: itself, its Revisions and Service, its Runtime, the ConfigMap with its code. */
function enqueueFunctions(caches: Caches, controller: Controller): void {
  const byFunctionLabel = (object: KubeObject): void => {
    const name = object.metadata.labels?.[labels.function];
    if (name !== undefined) {
      controller.enqueue(makeKey(object.metadata.namespace, name));
    }
  };
  caches.functions.onChange(({ object }) => {
    controller.enqueue(keyOf(object));
  });
  caches.revisions.onChange(({ object }) => {
    byFunctionLabel(object);
  });
  caches.services.onChange(({ object }) => {
    const key = keyOf(object);
    if (caches.functions.store.get(key) !== undefined) {
      controller.enqueue(key);
    }
  });
  caches.runtimes.onChange(({ object }) => {
    for (const fn of caches.functions.store.values()) {
      if (fn.spec.runtime === object.metadata.name) {
        controller.enqueue(keyOf(fn));
      }
    }
  });
  caches.configMaps.onChange(({ object }) => {
    byFunctionLabel(object);
    for (const fn of caches.functions.store.values()) {
      const isCode = fn.spec.source.configMap?.name === object.metadata.name;
      if (isCode && fn.metadata.namespace === object.metadata.namespace) {
        controller.enqueue(keyOf(fn));
      }
    }
  });
}

function enqueueRevisions(caches: Caches, controller: Controller): void {
  const byRevisionLabel = (object: KubeObject): void => {
    const name = object.metadata.labels?.[labels.revision];
    if (name !== undefined) {
      controller.enqueue(makeKey(object.metadata.namespace, name));
    }
  };
  caches.revisions.onChange(({ object }) => {
    controller.enqueue(keyOf(object));
  });
  caches.functions.onChange(({ object }) => {
    const owned: readonly Revision[] = caches.revisions.store.byIndex('owner', object.metadata.uid ?? '');
    owned.forEach((revision) => {
      controller.enqueue(keyOf(revision));
    });
  });
  for (const reflector of [caches.deployments, caches.pods, caches.configMaps]) {
    reflector.onChange(({ object }: { readonly object: KubeObject }) => {
      byRevisionLabel(object);
    });
  }
}

function makeElection(deps: OperatorDeps): LeaderElection {
  return new LeaderElection({
    ...deps,
    namespace: deps.config.namespace,
    name: fieldManagers.operator,
    identity: `${fieldManagers.operator}_${randomUUID()}`,
  });
}
