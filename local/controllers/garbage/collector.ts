import { Controller } from '../../../lib/kube/controller.ts';
import type { KubeObject } from '../../../lib/kube/objects.ts';
import type { Change, Reflector } from '../../../lib/kube/reflector.ts';
import {
  configMaps,
  deployments,
  namespaces,
  pods,
  replicaSets,
  type Resource,
  secrets,
} from '../../../lib/kube/resources.ts';
import { keyOf, type ObjectKey } from '../../../lib/kube/store.ts';
import { type Runnable, runAll } from '../../../lib/lifecycle.ts';
import { type CacheDeps, type Caches, makeReflector } from '../caches.ts';
import { type CustomResourceDefinition, customResourceDefinitions, nodes, resourceOf } from '../resources.ts';
import { KindTable, ownedKinds } from './kinds.ts';
import { type GraphNode, OwnershipGraph, ownersOf } from './ownership-graph.ts';
import { concernedBy, GarbageReconciler } from './reconciler.ts';

export interface GarbageCollectorDeps extends CacheDeps {
  readonly caches: Caches;
}

interface CustomKind {
  readonly resource: Resource;
  readonly reflector: Reflector<KubeObject>;
  readonly stop: AbortController;
}

/**
 * Follows every kind that may own or be owned: the shared caches, further built-in kinds, and the kind of each
 * CustomResourceDefinition for as long as that exists.
 */
export class GarbageCollector implements Runnable {
  readonly name = 'garbage-collector';
  readonly kinds = new KindTable();
  readonly #deps: GarbageCollectorDeps;
  readonly #graph = new OwnershipGraph();
  readonly #controller: Controller;
  readonly #builtIn: readonly Reflector<KubeObject>[];
  /** Kinds that came with a definition, by its key. */
  readonly #custom = new Map<ObjectKey, CustomKind>();
  readonly #running = new Set<Promise<void>>();
  #signal: AbortSignal | undefined;

  constructor(deps: GarbageCollectorDeps) {
    this.#deps = deps;
    const { caches } = deps;
    const reconciler = new GarbageReconciler({ client: deps.client, graph: this.#graph, kinds: this.kinds });
    this.#controller = new Controller({ ...deps, name: this.name, reconciler });
    this.#follow(pods, caches.pods);
    this.#follow(replicaSets, caches.replicaSets);
    this.#follow(deployments, caches.deployments);
    this.#follow(namespaces, caches.namespaces);
    this.#follow(nodes, caches.nodes);
    this.#follow(configMaps, caches.configMaps);
    this.#follow(secrets, caches.secrets);
    this.#follow(customResourceDefinitions, caches.definitions);
    this.#builtIn = ownedKinds.map((resource) => this.#watch(resource));
    caches.definitions.onChange((change) => {
      this.#noteDefinition(change);
    });
  }

  async run(signal: AbortSignal): Promise<void> {
    this.#signal = signal;
    for (const definition of this.#deps.caches.definitions.store.values()) {
      this.#startKind(definition);
    }
    await runAll([this.#controller, ...this.#builtIn], signal);
    await Promise.all(this.#running);
  }

  #watch(resource: Resource): Reflector<KubeObject> {
    const reflector = makeReflector(this.#deps, resource);
    this.#follow(resource, reflector);
    return reflector;
  }

  #follow<T extends KubeObject>(resource: Resource<T>, reflector: Reflector<T>): void {
    this.kinds.add(resource);
    reflector.onChange((change) => {
      this.#note(resource, change);
    });
  }

  #note(resource: Resource, change: Change<KubeObject>): void {
    const node: GraphNode = { resource, object: change.object };
    if (change.type === 'delete') {
      this.#graph.delete(change.object.metadata.uid ?? '');
    } else {
      this.#graph.set(resource, change.object);
    }
    // Most changes of most objects concern nobody: neither owner nor owned.
    if (change.type === 'delete' || change.object.metadata.deletionTimestamp !== undefined || ownersChanged(change)) {
      concernedBy(this.#graph, node, change.type === 'set' ? change.previous : undefined).forEach((uid) => {
        this.#controller.enqueue(uid);
      });
    }
  }

  #noteDefinition({ type, object }: Change<CustomResourceDefinition>): void {
    if (type === 'set') {
      this.#startKind(object);
      return;
    }
    const kind = this.#custom.get(keyOf(object));
    if (kind !== undefined) {
      this.#custom.delete(keyOf(object));
      this.#endKind(kind);
    }
  }

  /** With the definition went all objects; some of their events may not have come through yet. */
  #endKind({ resource, reflector, stop }: CustomKind): void {
    stop.abort(new Error('the definition was deleted'));
    this.kinds.end(resource);
    for (const object of reflector.store.values()) {
      this.#note(resource, { type: 'delete', object });
    }
  }

  #startKind(definition: CustomResourceDefinition): void {
    const key = keyOf(definition);
    const resource = resourceOf(definition);
    if (this.#signal === undefined || resource === undefined || this.#custom.has(key)) {
      return;
    }
    const stop = new AbortController();
    const reflector = this.#watch(resource);
    this.#custom.set(key, { resource, reflector, stop });
    const running = reflector.run(AbortSignal.any([this.#signal, stop.signal])).finally(() => {
      this.#running.delete(running);
    });
    this.#running.add(running);
    // Whoever waited for this kind to be known is looked at again.
    void reflector.synced.then(() => {
      this.#lookAgain(resource.kind);
    });
  }

  #lookAgain(kind: string): void {
    for (const { object } of this.#graph.nodes()) {
      if (object.metadata.ownerReferences?.some((reference) => reference.kind === kind) === true) {
        this.#controller.enqueue(object.metadata.uid ?? '');
      }
    }
  }
}

function ownersChanged(change: Change<KubeObject>): boolean {
  if (change.type === 'delete' || change.previous === undefined) {
    return ownersOf(change.object).length > 0;
  }
  return ownersOf(change.object).join() !== ownersOf(change.previous).join();
}
