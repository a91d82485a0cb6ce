import type { Clock, Random } from '../../lib/clock.ts';
import type { KubeClient } from '../../lib/kube/client.ts';
import type { EventSink } from '../../lib/kube/event-recorder.ts';
import type { Runnable } from '../../lib/lifecycle.ts';
import type { Logger } from '../../lib/log.ts';
import { type Caches, makeCaches } from './caches.ts';
import { createDeploymentController } from './deployment/controller.ts';
import { GarbageCollector } from './garbage/collector.ts';
import { createNamespaceController } from './namespaces/namespace-controller.ts';
import { createReplicaSetController } from './replica-set/controller.ts';
import { createScheduler } from './scheduling/scheduler.ts';

export interface ClusterPartsOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly events: EventSink;
  /** The node: it shares the caches and is one more part. */
  readonly node: {
    connect(connection: { client: KubeClient; caches: Caches; events: EventSink }): Runnable;
  };
}

/** Everything of the embedded cluster but its API server. Run all of them, and stop them before the server. */
export function createClusterParts(options: ClusterPartsOptions): readonly Runnable[] {
  const { node, ...rest } = options;
  const caches = makeCaches(rest);
  const deps = { ...rest, caches };
  const collector = new GarbageCollector(deps);
  // In this order a change goes from the one who makes a pod to the one who runs it.
  const controllers: readonly Runnable[] = [
    createDeploymentController(deps),
    createReplicaSetController(deps),
    createScheduler(deps),
    node.connect({ client: rest.client, caches, events: rest.events }),
    collector,
    createNamespaceController({ ...deps, kinds: () => collector.kinds.namespaced() }),
  ];
  const reflectors: readonly Runnable[] = Object.values<Runnable>({ ...caches });
  return [...reflectors, ...controllers];
}
