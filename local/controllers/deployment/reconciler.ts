import type { Clock } from '../../../lib/clock.ts';
import type { KubeClient } from '../../../lib/kube/client.ts';
import { after, done, type ReconcileKey, type Reconciler, type Result } from '../../../lib/kube/controller.ts';
import type { EventSink } from '../../../lib/kube/event-recorder.ts';
import type { Deployment, Pod, ReplicaSet } from '../../../lib/kube/objects.ts';
import { isFinished } from '../../../lib/kube/pod-phase.ts';
import { ofVersion } from '../../../lib/kube/preconditions.ts';
import { deployments, replicaSets } from '../../../lib/kube/resources.ts';
import { ignoreNotFound } from '../../../lib/kube/status-error.ts';
import { makeKey, type ReadonlyStore } from '../../../lib/kube/store.ts';
import { controllerIndex } from '../caches.ts';
import { applyClaims, decideClaims, orphansOf } from '../claims.ts';
import { isStored } from '../stored-status.ts';
import {
  annotations,
  byAge,
  decideHistory,
  findNewSet,
  makeAnnotations,
  makeReplicaSet,
  revisionOf,
} from './replica-sets.ts';
import { decideRollout, type RolloutDecision, type SetSize, strategyOf } from './rollout.ts';
import { makeDeploymentStatus, type StatusInput } from './status.ts';

const fieldManager = 'kube-controller-manager';

export interface DeploymentDeps {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly events: EventSink;
  readonly deployments: ReadonlyStore<Deployment>;
  readonly replicaSets: ReadonlyStore<ReplicaSet>;
  readonly pods: ReadonlyStore<Pod>;
}

interface Sets {
  readonly newSet: ReplicaSet | undefined;
  /** Oldest first. */
  readonly oldSets: readonly ReplicaSet[];
}

/** Moves a Deployment's pods to the ReplicaSet of its present template, and passes its size on. */
export class DeploymentReconciler implements Reconciler {
  readonly #deps: DeploymentDeps;

  constructor(deps: DeploymentDeps) {
    this.#deps = deps;
  }

  async reconcile(key: ReconcileKey): Promise<Result> {
    const deployment = this.#deps.deployments.get(makeKey(key.namespace, key.name));
    if (deployment === undefined || deployment.metadata.deletionTimestamp !== undefined) {
      return done;
    }
    const sets = await this.#gather(deployment);
    const decision = decideRollout({
      desired: deployment.spec.replicas ?? 1,
      strategy: strategyOf(deployment),
      isPaused: deployment.spec.paused === true,
      newSet: sets.newSet === undefined ? undefined : sizeOf(sets.newSet),
      oldSets: sets.oldSets.map(sizeOf),
      oldPods: this.#countPods(sets.oldSets),
    });
    const newSet = await this.#applyNew(deployment, sets, decision);
    await this.#shrinkOld(deployment, sets.oldSets, decision);
    const isNewSetCreated = sets.newSet === undefined && newSet !== undefined;
    return this.#finish({ deployment, newSet, isNewSetCreated, oldSets: sets.oldSets, now: this.#deps.clock.now() });
  }

  async #gather(deployment: Deployment): Promise<Sets> {
    const { uid = '', namespace } = deployment.metadata;
    const store = this.#deps.replicaSets;
    const candidates = [
      ...store.byIndex(controllerIndex, uid),
      ...store.byIndex(controllerIndex, orphansOf(namespace)),
    ];
    const target = {
      client: this.#deps.client,
      fieldManager,
      ownerResource: deployments,
      owner: deployment,
      resource: replicaSets,
    };
    const claims = decideClaims({ uid, selector: deployment.spec.selector, isDeleting: false }, candidates);
    const owned = await applyClaims(target, claims);
    const newSet = findNewSet(deployment, owned);
    return { newSet, oldSets: owned.filter((set) => set !== newSet).sort(byAge) };
  }

  #countPods(sets: readonly ReplicaSet[]): number {
    const pods = sets.flatMap(({ metadata }) => this.#deps.pods.byIndex(controllerIndex, metadata.uid ?? ''));
    return pods.filter((pod) => !isFinished(pod)).length;
  }

  async #applyNew(
    deployment: Deployment,
    sets: Sets,
    { newReplicas }: RolloutDecision,
  ): Promise<ReplicaSet | undefined> {
    const revision = Math.max(0, ...sets.oldSets.map(revisionOf)) + 1;
    if (sets.newSet !== undefined) {
      const wanted = makeAnnotations(deployment, Math.max(revision, revisionOf(sets.newSet)));
      return this.#resize(deployment, sets.newSet, newReplicas ?? sets.newSet.spec.replicas ?? 0, wanted);
    }
    if (newReplicas === undefined) {
      return undefined;
    }
    const made = makeReplicaSet(deployment, newReplicas, revision);
    const created = await this.#deps.client.create(replicaSets, made, { fieldManager });
    this.#saySize(deployment, created.metadata.name, 0, newReplicas);
    return created;
  }

  async #shrinkOld(
    deployment: Deployment,
    oldSets: readonly ReplicaSet[],
    { oldReplicas }: RolloutDecision,
  ): Promise<void> {
    for (const set of oldSets) {
      const replicas = oldReplicas.get(set.metadata.name);
      if (replicas !== undefined) {
        await this.#resize(deployment, set, replicas, {});
      }
    }
  }

  /** The version makes the write fail when the cache was behind; then the next look decides anew. */
  async #resize(
    deployment: Deployment,
    set: ReplicaSet,
    replicas: number,
    notes: Readonly<Record<string, string>>,
  ): Promise<ReplicaSet> {
    const isAnnotated = Object.entries(notes).every(([key, value]) => set.metadata.annotations?.[key] === value);
    const before = set.spec.replicas ?? 0;
    if (before === replicas && isAnnotated) {
      return set;
    }
    const { uid, resourceVersion, name } = set.metadata;
    const patch = { metadata: { uid, resourceVersion, annotations: notes }, spec: { replicas } };
    const resized = await this.#deps.client.mergePatch(replicaSets, set.metadata, patch, { fieldManager });
    this.#saySize(deployment, name, before, replicas);
    return resized;
  }

  #saySize(deployment: Deployment, set: string, from: number, to: number): void {
    if (from !== to) {
      const note = `Scaled ${to > from ? 'up' : 'down'} replica set ${set} from ${from} to ${to}`;
      this.#deps.events.record(deployment, { type: 'Normal', reason: 'ScalingReplicaSet', action: 'Scale', note });
    }
  }

  async #finish(input: StatusInput): Promise<Result> {
    const { deployment, newSet, oldSets } = input;
    await this.#annotate(deployment, newSet);
    const { status, recheckMs } = makeDeploymentStatus(input);
    if (!isStored(status, deployment.status)) {
      await this.#patch(deployment, { status }, { fieldManager, subresource: 'status' });
    }
    const isSettled = status.replicas === status.updatedReplicas && oldSets.every(({ spec }) => spec.replicas === 0);
    const surplus = isSettled ? decideHistory(oldSets, deployment.spec.revisionHistoryLimit ?? 10) : [];
    await Promise.all(surplus.map((set) => this.#remove(set)));
    return recheckMs === undefined ? done : after(recheckMs);
  }

  async #annotate(deployment: Deployment, newSet: ReplicaSet | undefined): Promise<void> {
    const revision = newSet?.metadata.annotations?.[annotations.revision];
    if (revision !== undefined && deployment.metadata.annotations?.[annotations.revision] !== revision) {
      await this.#patch(
        deployment,
        { metadata: { annotations: { [annotations.revision]: revision } } },
        { fieldManager },
      );
    }
  }

  async #patch(
    deployment: Deployment,
    patch: { metadata?: object; status?: object },
    options: { fieldManager: string; subresource?: 'status' },
  ): Promise<void> {
    const metadata = { ...patch.metadata, uid: deployment.metadata.uid };
    await this.#deps.client
      .mergePatch(deployments, deployment.metadata, { ...patch, metadata }, options)
      .catch(ignoreNotFound);
  }

  async #remove(set: ReplicaSet): Promise<void> {
    await this.#deps.client.delete(replicaSets, set.metadata, ofVersion(set)).catch(ignoreNotFound);
  }
}

function sizeOf({ metadata, spec, status }: ReplicaSet): SetSize {
  return { name: metadata.name, replicas: spec.replicas ?? 1, available: status?.availableReplicas ?? 0 };
}
