import type { Clock, Random } from '../../lib/clock.ts';
import type { KubeClient } from '../../lib/kube/client.ts';
import type { ConfigMap, Deployment, KubeObject, Pod, ReplicaSet } from '../../lib/kube/objects.ts';
import { Reflector } from '../../lib/kube/reflector.ts';
import {
  configMaps,
  deployments,
  namespaces,
  pods,
  replicaSets,
  type Resource,
  secrets,
} from '../../lib/kube/resources.ts';
import type { Indexer } from '../../lib/kube/store.ts';
import type { Logger } from '../../lib/log.ts';
import { byController } from './claims.ts';
import {
  type CustomResourceDefinition,
  customResourceDefinitions,
  type Namespace,
  type Node,
  nodes,
  type Secret,
} from './resources.ts';

export interface CacheDeps {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
}

/** One copy of every kind that a controller, the scheduler or the node reads, shared by all of them. */
export interface Caches {
  readonly pods: Reflector<Pod>;
  readonly replicaSets: Reflector<ReplicaSet>;
  readonly deployments: Reflector<Deployment>;
  readonly namespaces: Reflector<Namespace>;
  readonly nodes: Reflector<Node>;
  readonly configMaps: Reflector<ConfigMap>;
  readonly secrets: Reflector<Secret>;
  readonly definitions: Reflector<CustomResourceDefinition>;
}

/** The index of pods and ReplicaSets by their controller's uid. */
export const controllerIndex = 'controller';

export function makeCaches(deps: CacheDeps): Caches {
  return {
    pods: makeReflector(deps, pods, { [controllerIndex]: byController }),
    replicaSets: makeReflector(deps, replicaSets, { [controllerIndex]: byController }),
    deployments: makeReflector(deps, deployments),
    namespaces: makeReflector(deps, namespaces as Resource<Namespace>),
    nodes: makeReflector(deps, nodes),
    configMaps: makeReflector(deps, configMaps),
    secrets: makeReflector(deps, secrets as Resource<Secret>),
    definitions: makeReflector(deps, customResourceDefinitions),
  };
}

export function makeReflector<T extends KubeObject>(
  deps: CacheDeps,
  resource: Resource<T>,
  indexers?: Readonly<Record<string, Indexer<T>>>,
): Reflector<T> {
  const { client, clock, random, log } = deps;
  return new Reflector({ client, clock, random, log, resource, ...(indexers === undefined ? {} : { indexers }) });
}
