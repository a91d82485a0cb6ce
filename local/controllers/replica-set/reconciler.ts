import type { Clock, Random } from '../../../lib/clock.ts';
import type { KubeClient } from '../../../lib/kube/client.ts';
import { after, done, type ReconcileKey, type Reconciler, type Result } from '../../../lib/kube/controller.ts';
import type { Pod, ReplicaSet } from '../../../lib/kube/objects.ts';
import { pods, replicaSets } from '../../../lib/kube/resources.ts';
import { ignoreNotFound, isNotFound } from '../../../lib/kube/status-error.ts';
import { keyOf, makeKey, type ReadonlyStore } from '../../../lib/kube/store.ts';
import { errorMessage } from '../../../lib/errors.ts';
import type { EventSink } from '../../../lib/kube/event-recorder.ts';
import { controllerOf } from '../../../lib/kube/owner-reference.ts';
import { isFinished } from '../../../lib/kube/pod-phase.ts';
import { ofUid } from '../../../lib/kube/preconditions.ts';
import { controllerIndex } from '../caches.ts';
import { applyClaims, decideClaims, orphansOf } from '../claims.ts';
import { isActive } from '../pod-state.ts';
import { isStored } from '../stored-status.ts';
import { matchesSelector } from '../selectors.ts';
import { decidePods } from './decide.ts';
import { PendingWrites } from './pending-writes.ts';
import { makePod } from './pods.ts';
import { makeReplicaSetStatus, type StatusInput } from './status.ts';

const fieldManager = 'kube-controller-manager';

export interface ReplicaSetDeps {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly random: Random;
  readonly events: EventSink;
  readonly replicaSets: ReadonlyStore<ReplicaSet>;
  readonly pods: ReadonlyStore<Pod>;
}

type Failure = NonNullable<StatusInput['failure']>;

/** Keeps as many pods of a template as a ReplicaSet asks for, and counts them. */
export class ReplicaSetReconciler implements Reconciler {
  readonly #deps: ReplicaSetDeps;
  readonly #pending: PendingWrites;

  constructor(deps: ReplicaSetDeps) {
    this.#deps = deps;
    this.#pending = new PendingWrites(deps.clock);
  }

  /** To be told of every pod the cache sees. @returns the keys of the ReplicaSets that it may concern. */
  observe(pod: Pod, isGone: boolean): string[] {
    const controller = controllerOf(pod);
    if (controller === undefined) {
      return this.#selecting(pod);
    }
    if (controller.kind !== replicaSets.kind) {
      return [];
    }
    const owner = makeKey(pod.metadata.namespace, controller.name);
    this.#pending.observe(owner, pod, isGone);
    return [owner];
  }

  async reconcile(key: ReconcileKey): Promise<Result> {
    const objectKey = makeKey(key.namespace, key.name);
    const replicaSet = this.#deps.replicaSets.get(objectKey);
    if (replicaSet === undefined) {
      this.#pending.forget(objectKey);
      return done;
    }
    const waitMs = this.#pending.waitMs(objectKey);
    if (waitMs > 0) {
      // The pod's event wakes this key; the delay is only for an event that never comes.
      return after(waitMs);
    }
    const owned = await this.#claim(replicaSet);
    const failure =
      replicaSet.metadata.deletionTimestamp === undefined ? await this.#adjust(replicaSet, owned) : undefined;
    const recheckMs = await this.#writeStatus(replicaSet, owned, failure);
    if (failure !== undefined) {
      throw new Error(failure.message);
    }
    return recheckMs === undefined ? done : after(recheckMs);
  }

  #selecting(pod: Pod): string[] {
    const found: string[] = [];
    for (const replicaSet of this.#deps.replicaSets.values()) {
      const isHere = replicaSet.metadata.namespace === pod.metadata.namespace;
      if (isHere && matchesSelector(replicaSet.spec.selector, pod.metadata.labels)) {
        found.push(keyOf(replicaSet));
      }
    }
    return found;
  }

  async #claim(replicaSet: ReplicaSet): Promise<Pod[]> {
    const { uid = '', namespace, deletionTimestamp } = replicaSet.metadata;
    const store = this.#deps.pods;
    const candidates = [
      ...store.byIndex(controllerIndex, uid),
      ...store.byIndex(controllerIndex, orphansOf(namespace)).filter((pod) => !isFinished(pod)),
    ];
    const claimant = { uid, selector: replicaSet.spec.selector, isDeleting: deletionTimestamp !== undefined };
    const target = {
      client: this.#deps.client,
      fieldManager,
      ownerResource: replicaSets,
      owner: replicaSet,
      resource: pods,
    };
    return applyClaims(target, decideClaims(claimant, candidates));
  }

  async #adjust(replicaSet: ReplicaSet, owned: readonly Pod[]): Promise<Failure | undefined> {
    const change = decidePods(replicaSet.spec.replicas ?? 1, owned.filter(isActive));
    switch (change.kind) {
      case 'none':
        return undefined;
      case 'create':
        return this.#settle(
          'FailedCreate',
          Array.from({ length: change.count }, () => this.#create(replicaSet)),
        );
      case 'delete':
        return this.#settle(
          'FailedDelete',
          change.pods.map((pod) => this.#delete(replicaSet, pod)),
        );
    }
  }

  async #settle(reason: Failure['reason'], writes: readonly Promise<void>[]): Promise<Failure | undefined> {
    const results = await Promise.allSettled(writes);
    const failed = results.find((result) => result.status === 'rejected');
    return failed === undefined ? undefined : { reason, message: errorMessage(failed.reason) };
  }

  async #create(replicaSet: ReplicaSet): Promise<void> {
    const pod = makePod(replicaSet, this.#deps.random);
    const owner = keyOf(replicaSet);
    this.#pending.note(owner, keyOf(pod), 'creation');
    try {
      await this.#deps.client.create(pods, pod, { fieldManager });
    } catch (error) {
      this.#pending.drop(owner, keyOf(pod));
      this.#say(replicaSet, 'Warning', 'FailedCreate', `Error creating: ${errorMessage(error)}`);
      throw error;
    }
    this.#say(replicaSet, 'Normal', 'SuccessfulCreate', `Created pod: ${pod.metadata.name}`);
  }

  async #delete(replicaSet: ReplicaSet, pod: Pod): Promise<void> {
    const owner = keyOf(replicaSet);
    this.#pending.note(owner, keyOf(pod), 'deletion');
    try {
      await this.#deps.client.delete(pods, pod.metadata, ofUid(pod));
    } catch (error) {
      this.#pending.drop(owner, keyOf(pod));
      if (isNotFound(error)) {
        return;
      }
      this.#say(replicaSet, 'Warning', 'FailedDelete', `Error deleting: ${errorMessage(error)}`);
      throw error;
    }
    this.#say(replicaSet, 'Normal', 'SuccessfulDelete', `Deleted pod: ${pod.metadata.name}`);
  }

  #say(replicaSet: ReplicaSet, type: 'Normal' | 'Warning', reason: string, note: string): void {
    this.#deps.events.record(replicaSet, { type, reason, action: 'Reconcile', note });
  }

  async #writeStatus(replicaSet: ReplicaSet, owned: readonly Pod[], failure?: Failure): Promise<number | undefined> {
    const now = this.#deps.clock.now();
    const { status, recheckMs } = makeReplicaSetStatus({ replicaSet, pods: owned, failure, now });
    if (!isStored(status, replicaSet.status)) {
      await this.#patchStatus(replicaSet, status);
    }
    return recheckMs;
  }

  async #patchStatus(replicaSet: ReplicaSet, status: object): Promise<void> {
    const { uid } = replicaSet.metadata;
    const options = { fieldManager, subresource: 'status' } as const;
    const patch = { metadata: { uid }, status };
    await this.#deps.client.mergePatch(replicaSets, replicaSet.metadata, patch, options).catch(ignoreNotFound);
  }
}
