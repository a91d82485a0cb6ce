import { findCondition } from '../../../lib/api/conditions.ts';
import type { Clock } from '../../../lib/clock.ts';
import type { KubeClient } from '../../../lib/kube/client.ts';
import { Controller, done, type ReconcileKey, type Reconciler, type Result } from '../../../lib/kube/controller.ts';
import type { EventSink } from '../../../lib/kube/event-recorder.ts';
import type { Pod } from '../../../lib/kube/objects.ts';
import { isFinished } from '../../../lib/kube/pod-phase.ts';
import { pods } from '../../../lib/kube/resources.ts';
import { ignoreNotFound, isNotFound } from '../../../lib/kube/status-error.ts';
import { keyOf, makeKey, type ObjectKey, type ReadonlyStore } from '../../../lib/kube/store.ts';
import type { CacheDeps, Caches } from '../caches.ts';
import type { Node } from '../resources.ts';
import { rfc3339 } from '../../../lib/kube/time.ts';
import { addAmounts, type Amount, decidePlacement, requestsOf } from './placement.ts';

const fieldManager = 'kube-scheduler';
const schedulerName = 'default-scheduler';
const nothing: Amount = { cpu: 0, memory: 0, pods: 0 };

interface SchedulerDeps {
  readonly client: Pick<KubeClient, 'mergePatch'>;
  readonly clock: Clock;
  readonly events: EventSink;
  readonly pods: ReadonlyStore<Pod>;
  readonly nodes: ReadonlyStore<Node>;
}

interface Assumed {
  readonly nodeName: string;
  readonly amount: Amount;
}

/** Binds each pending pod to a node that has room for it. */
class Scheduler implements Reconciler {
  readonly #deps: SchedulerDeps;
  /** Pods without a place, to be tried again when room may have come free. */
  readonly #homeless = new Set<ObjectKey>();
  /** Bindings that the cache does not show yet, by pod uid. */
  readonly #assumed = new Map<string, Assumed>();

  constructor(deps: SchedulerDeps) {
    this.#deps = deps;
  }

  get homeless(): Iterable<ObjectKey> {
    return this.#homeless;
  }

  async reconcile(key: ReconcileKey): Promise<Result> {
    const objectKey = makeKey(key.namespace, key.name);
    const pod = this.#deps.pods.get(objectKey);
    this.#homeless.delete(objectKey);
    if (pod === undefined || !isWaiting(pod) || this.#assumed.has(pod.metadata.uid ?? '')) {
      return done;
    }
    const placement = decidePlacement(pod, this.#candidates());
    if (placement.kind === 'bind') {
      await this.#bind(pod, placement.nodeName);
    } else {
      this.#homeless.add(objectKey);
      await this.#refuse(pod, placement.message);
    }
    return done;
  }

  /** To be told of every pod the cache sees: what it shows need not be assumed any more. */
  observe(pod: Pod, isGone: boolean): void {
    if (isGone || pod.spec.nodeName !== undefined) {
      this.#assumed.delete(pod.metadata.uid ?? '');
    }
  }

  #candidates(): { node: Node; used: Amount }[] {
    const used = new Map<string, Amount>();
    const add = (nodeName: string, amount: Amount): void => {
      used.set(nodeName, addAmounts(used.get(nodeName) ?? nothing, amount));
    };
    for (const pod of this.#deps.pods.values()) {
      if (pod.spec.nodeName !== undefined && !isFinished(pod)) {
        add(pod.spec.nodeName, requestsOf(pod));
      }
    }
    for (const { nodeName, amount } of this.#assumed.values()) {
      add(nodeName, amount);
    }
    // A node that was only just created has not said yet what it has.
    const ready = [...this.#deps.nodes.values()].filter(({ status }) => status?.allocatable !== undefined);
    return ready.map((node) => ({ node, used: used.get(node.metadata.name) ?? nothing }));
  }

  async #bind(pod: Pod, nodeName: string): Promise<void> {
    const { uid = '' } = pod.metadata;
    // Before the call: its event may come back first, and takes this away again.
    this.#assumed.set(uid, { nodeName, amount: requestsOf(pod) });
    try {
      await this.#deps.client.mergePatch(
        pods,
        pod.metadata,
        { metadata: { uid }, spec: { nodeName } },
        { fieldManager },
      );
    } catch (error) {
      this.#assumed.delete(uid);
      if (isNotFound(error)) {
        return;
      }
      throw error;
    }
    const note = `Successfully assigned ${keyOf(pod)} to ${nodeName}`;
    this.#deps.events.record(pod, { type: 'Normal', reason: 'Scheduled', action: 'Binding', note });
  }

  async #refuse(pod: Pod, message: string): Promise<void> {
    const before = findCondition(pod.status?.conditions, 'PodScheduled');
    if (before?.reason === 'Unschedulable' && before.message === message) {
      return;
    }
    const others = (pod.status?.conditions ?? []).filter(({ type }) => type !== 'PodScheduled');
    const condition = {
      type: 'PodScheduled',
      status: 'False',
      reason: 'Unschedulable',
      message,
      lastTransitionTime: rfc3339(this.#deps.clock.now()),
    };
    const patch = { metadata: { uid: pod.metadata.uid }, status: { conditions: [...others, condition] } };
    this.#deps.events.record(pod, { type: 'Warning', reason: 'FailedScheduling', action: 'Scheduling', note: message });
    const options = { fieldManager, subresource: 'status' } as const;
    await this.#deps.client.mergePatch(pods, pod.metadata, patch, options).catch(ignoreNotFound);
  }
}

function isWaiting({ metadata, spec }: Pod): boolean {
  return (
    spec.nodeName === undefined &&
    metadata.deletionTimestamp === undefined &&
    (spec.schedulerName ?? schedulerName) === schedulerName
  );
}

export interface SchedulingDeps extends CacheDeps {
  readonly caches: Caches;
  readonly events: EventSink;
}

export function createScheduler(deps: SchedulingDeps): Controller {
  const { caches } = deps;
  const scheduler = new Scheduler({ ...deps, pods: caches.pods.store, nodes: caches.nodes.store });
  const controller = new Controller({
    ...deps,
    name: 'scheduler',
    reconciler: scheduler,
    // One at a time: each placement counts what the one before it took.
    workers: 1,
    ready: [caches.pods.synced, caches.nodes.synced],
  });
  const retry = (): void => {
    for (const key of scheduler.homeless) {
      controller.enqueue(key);
    }
  };
  caches.pods.onChange(({ type, object }) => {
    scheduler.observe(object, type === 'delete');
    if (type === 'delete' || isFinished(object)) {
      retry();
    } else if (isWaiting(object)) {
      controller.enqueue(keyOf(object));
    }
  });
  caches.nodes.onChange(retry);
  return controller;
}
