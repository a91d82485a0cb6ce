import type { FunctionObject } from '../../../lib/api/function.ts';
import { codeConfigMapName, deploymentName, fieldManagers, labels } from '../../../lib/api/names.ts';
import type { Failure } from '../../../lib/api/reasons.ts';
import { revisions } from '../../../lib/api/resources.ts';
import type { Revision } from '../../../lib/api/revision.ts';
import type { Clock } from '../../../lib/clock.ts';
import { errorMessage } from '../../../lib/errors.ts';
import type { KubeClient } from '../../../lib/kube/client.ts';
import { after, done, type ReconcileKey, type Reconciler, type Result } from '../../../lib/kube/controller.ts';
import type { Deployment, KubeObject, Pod } from '../../../lib/kube/objects.ts';
import { configMaps, deployments } from '../../../lib/kube/resources.ts';
import { isInvalid, StatusError } from '../../../lib/kube/status-error.ts';
import { makeKey, type ReadonlyStore } from '../../../lib/kube/store.ts';
import { rfc3339 } from '../../../lib/kube/time.ts';
import type { CachedConfigMap } from '../../cached-objects.ts';
import { cachedOwner, createOrGet } from '../children.ts';
import { confirmClaim, getLive } from '../live.ts';
import { claimOf, identityOf, isOwnedBy, nameTaken } from '../owner.ts';
import { refusalOf, retryRefusedMs } from '../refusal.ts';
import { states } from '../states.ts';
import { StatusWriter } from '../status-writer.ts';
import { handOver } from './ownership.ts';
import { mistakeIn } from './template-rules.ts';
import { type DesiredDeployment, drainAtBirth, initialReplicasOf, makeDeployment } from './resources.ts';
import { conditionTypes, makeRevisionStatus } from './status.ts';

export interface RevisionReconcilerDeps {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly functions: ReadonlyStore<FunctionObject>;
  readonly revisions: ReadonlyStore<Revision>;
  readonly deployments: ReadonlyStore<Deployment>;
  readonly configMaps: ReadonlyStore<CachedConfigMap>;
  /** Indexed by `revision`, the label's value. */
  readonly pods: ReadonlyStore<Pod>;
  /** Whether a function may reach into its node. */
  readonly allowHostAccess: boolean;
}

/** What a Revision's turn is about. */
interface Seen {
  readonly revision: Revision;
  readonly fn: FunctionObject;
  readonly deployment: Deployment | undefined;
  readonly hasCode: boolean;
}

/** Why there is no Deployment as it should be. */
interface Refusal {
  readonly failure: Failure;
  /** Only a change of the Function mends it, and that brings us back. */
  readonly isFinal: boolean;
}

const applied = { fieldManager: fieldManagers.operator, force: true };

/** The kubelet tells it in events only: Pods that start from now on would wait for it without a word. */
const codeGone: Failure = {
  reason: 'ConfigMapNotFound',
  message: 'the ConfigMap with the code of the revision is gone',
};

/** Revision → Deployment, and what its Pods tell → status. */
export class RevisionReconciler implements Reconciler {
  readonly #deps: RevisionReconcilerDeps;
  readonly #status: StatusWriter;

  constructor(deps: RevisionReconcilerDeps) {
    this.#deps = deps;
    this.#status = new StatusWriter(deps.client, conditionTypes);
  }

  async reconcile(key: ReconcileKey): Promise<Result> {
    const seen = await this.#look(key);
    if (seen === undefined) {
      return done;
    }
    const { revision, fn, deployment, hasCode } = seen;
    const refused = hasCode ? await this.#ensureDeployment(revision, fn, deployment) : undefined;
    const status = makeRevisionStatus({
      revision,
      deployment,
      pods: this.#podsOf(revision),
      initialReplicas: initialReplicasOf(fn),
      failure: hasCode ? refused?.failure : codeGone,
      now: rfc3339(this.#deps.clock.now()),
    });
    await this.#status.write(revisions, revision, status);
    return refused === undefined || refused.isFinal ? done : after(retryRefusedMs);
  }

  /** @returns undefined when there is nothing to do, or not yet: what is missing brings us back when it comes. */
  async #look({ namespace, name }: ReconcileKey): Promise<Seen | undefined> {
    const revision = this.#deps.revisions.get(makeKey(namespace, name));
    const fn = this.#deps.functions.get(makeKey(namespace, revision?.spec.functionName ?? ''));
    if (revision === undefined || fn === undefined || isLeaving(revision, fn) || fn.spec.paused === true) {
      return undefined;
    }
    const deployment = this.#deps.deployments.get(makeKey(namespace, deploymentName(name)));
    const code = { ...revision.metadata, name: codeConfigMapName(name) };
    const isCodeCached = isCodeOf(revision, this.#deps.configMaps.get(makeKey(namespace, code.name)));
    if (deployment === undefined) {
      // Pods without their code could not start.
      return isCodeCached ? { revision, fn, deployment, hasCode: true } : undefined;
    }
    const hasCode = isCodeCached || isCodeOf(revision, await getLive(this.#deps.client, configMaps, code));
    return { revision, fn, deployment, hasCode };
  }

  #podsOf({ metadata, spec }: Revision): readonly Pod[] {
    return this.#deps.pods
      .byIndex('revision', metadata.name)
      .filter((pod) => pod.metadata.namespace === metadata.namespace)
      .filter((pod) => pod.metadata.labels?.[labels.function] === spec.functionName);
  }

  /** @returns why there is none as it should be. */
  async #ensureDeployment(
    revision: Revision,
    fn: FunctionObject,
    existing: Deployment | undefined,
  ): Promise<Refusal | undefined> {
    const desired = makeDeployment(revision, drainAtBirth(revision, fn));
    const mistake = mistakeIn(desired.spec.template, this.#deps.allowHostAccess);
    if (mistake !== undefined) {
      return { failure: { reason: 'InvalidPodTemplate', message: mistake }, isFinal: true };
    }
    try {
      const confirmed = await confirmClaim(this.#deps.client, deployments, { cached: existing, owner: revision });
      const found = confirmed ?? (await this.#create(desired, initialReplicasOf(fn), revision));
      return found === undefined ? undefined : await this.#settle(desired, found, revision);
    } catch (error) {
      const failure = refusalOf(error, 'InvalidPodTemplate');
      if (failure === undefined) {
        throw error;
      }
      return { failure, isFinal: false };
    }
  }

  async #settle(desired: DesiredDeployment, found: Deployment, revision: Revision): Promise<Refusal | undefined> {
    switch (claimOf(found, revision)) {
      case 'leaving':
        return undefined;
      case 'foreign':
        return { failure: nameTaken('Deployment', desired.metadata.name), isFinal: false };
      case 'ours':
        await this.#repair(desired, found);
        return undefined;
    }
  }

  /**
   * With its replica count by the name of the activator, which thereby owns the field from the first moment; all else is
   * handed over to the operator. An applier that alone owned the count and then dropped it would reset it to 1. A podTemplate
   * is tried first: only an apply, unlike a create, refuses fields that do not exist.
   */
  async #create(desired: DesiredDeployment, replicas: number, revision: Revision): Promise<Deployment | undefined> {
    const { client } = this.#deps;
    if (revision.spec.podTemplate !== undefined) {
      await client.apply(deployments, desired, { ...applied, dryRun: true });
    }
    const born = { ...desired, spec: { ...desired.spec, replicas } };
    const owner = cachedOwner(client, revisions, revision);
    const found = await createOrGet(client, deployments, born, { owner, fieldManager: fieldManagers.activator });
    if (found !== undefined && claimOf(found, revision) === 'ours') {
      await this.#handOver(found);
    }
    return found;
  }

  /** Should it not come to this, because the process ends here, the next repair makes up for it. */
  async #handOver(live: Deployment): Promise<void> {
    const patch = handOver(live);
    if (patch === undefined) {
      return;
    }
    try {
      await this.#deps.client.jsonPatch(deployments, identityOf(live), patch, { fieldManager: fieldManagers.operator });
    } catch (error) {
      // It has other owners by now, or is another one. Nothing is wrong with what it says.
      throw isInvalid(error) ? new StatusError({ code: 409, reason: 'Conflict', message: errorMessage(error) }) : error;
    }
  }

  /** Applies only what differs: a Deployment that has all we state, and nothing that we stated once, is left alone. */
  async #repair(desired: DesiredDeployment, existing: Deployment): Promise<void> {
    const { labels: own, annotations } = desired.metadata;
    if (states(existing, { metadata: { labels: own, annotations }, spec: desired.spec })) {
      return;
    }
    const { client } = this.#deps;
    const live = await getLive(client, deployments, existing.metadata);
    if (live === undefined || live.metadata.uid !== existing.metadata.uid) {
      return;
    }
    await this.#handOver(live);
    await client.apply(
      deployments,
      { ...desired, metadata: { ...desired.metadata, ...identityOf(existing) } },
      applied,
    );
  }
}

/** One whose Function is gone goes too, also when a namesake of it was made since. */
function isLeaving(revision: Revision, fn: FunctionObject): boolean {
  return revision.metadata.deletionTimestamp !== undefined || !isOwnedBy(revision, fn);
}

function isCodeOf(revision: Revision, found: KubeObject | undefined): boolean {
  return revision.spec.code === undefined || (found !== undefined && isOwnedBy(found, revision));
}
