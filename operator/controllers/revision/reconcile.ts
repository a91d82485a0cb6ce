import type { FunctionObject } from '../../../lib/api/function.ts';
import { codeConfigMapName, deploymentName, fieldManagers, labels } from '../../../lib/api/names.ts';
import type { Failure } from '../../../lib/api/reasons.ts';
import { revisions } from '../../../lib/api/resources.ts';
import type { Revision, RevisionStatus } from '../../../lib/api/revision.ts';
import type { Clock } from '../../../lib/clock.ts';
import type { KubeClient } from '../../../lib/kube/client.ts';
import { done, type ReconcileKey, type Reconciler, type Result } from '../../../lib/kube/controller.ts';
import type { ConfigMap, Deployment, Pod } from '../../../lib/kube/objects.ts';
import { deployments } from '../../../lib/kube/resources.ts';
import { isAlreadyExists, isInvalid, isNotFound, StatusError } from '../../../lib/kube/status-error.ts';
import { makeKey, type ReadonlyStore } from '../../../lib/kube/store.ts';
import { rfc3339 } from '../../../lib/kube/time.ts';
import { isSameStatus } from '../same-status.ts';
import { isOwnedBy } from '../owner.ts';
import { forbiddenFields } from './pod-template.ts';
import { type DesiredDeployment, drainOf, initialReplicas, makeDeployment } from './resources.ts';
import { makeRevisionStatus } from './status.ts';
import { states } from './states.ts';

export interface RevisionReconcilerDeps {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly functions: ReadonlyStore<FunctionObject>;
  readonly revisions: ReadonlyStore<Revision>;
  readonly deployments: ReadonlyStore<Deployment>;
  readonly configMaps: ReadonlyStore<ConfigMap>;
  /** Indexed by `revision`, the label's value. */
  readonly pods: ReadonlyStore<Pod>;
}

const manager = { fieldManager: fieldManagers.operator };

/** Revision → Deployment, and what its Pods tell → status. */
export class RevisionReconciler implements Reconciler {
  readonly #deps: RevisionReconcilerDeps;

  constructor(deps: RevisionReconcilerDeps) {
    this.#deps = deps;
  }

  async reconcile(key: ReconcileKey): Promise<Result> {
    const revision = this.#deps.revisions.get(makeKey(key.namespace, key.name));
    if (revision === undefined || revision.metadata.deletionTimestamp !== undefined || !this.#hasCode(revision)) {
      return done;
    }
    const fn = this.#deps.functions.get(makeKey(key.namespace, revision.spec.functionName));
    if (fn?.spec.paused === true) {
      return done;
    }
    const existing = this.#deps.deployments.get(makeKey(key.namespace, deploymentName(key.name)));
    const refused = await this.#ensureDeployment(revision, fn, existing);
    const status = makeRevisionStatus({
      revision,
      deployment: existing,
      pods: this.#podsOf(revision),
      initialReplicas: initialReplicas(fn),
      refused,
      now: rfc3339(this.#deps.clock.now()),
    });
    await this.#writeStatus(revision, status);
    return done;
  }

  /** Pods that mount a ConfigMap which is not there yet would only wait; its appearance wakes this reconciler. */
  #hasCode(revision: Revision): boolean {
    const key = makeKey(revision.metadata.namespace, codeConfigMapName(revision.metadata.name));
    return revision.spec.code === undefined || this.#deps.configMaps.get(key) !== undefined;
  }

  #podsOf(revision: Revision): readonly Pod[] {
    return this.#deps.pods
      .byIndex('revision', revision.metadata.name)
      .filter((pod) => pod.metadata.namespace === revision.metadata.namespace)
      .filter((pod) => pod.metadata.labels?.[labels.function] === revision.spec.functionName);
  }

  /** @returns why the API server refuses it. */
  async #ensureDeployment(
    revision: Revision,
    fn: FunctionObject | undefined,
    existing: Deployment | undefined,
  ): Promise<Failure | undefined> {
    const forbidden = forbiddenFields(revision.spec.podTemplate);
    if (forbidden.length > 0) {
      return { reason: 'InvalidPodTemplate', message: `podTemplate may not set ${forbidden.join(', ')}` };
    }
    if (existing !== undefined && !isOwnedBy(existing, revision)) {
      return {
        reason: 'NameTaken',
        message: `a Deployment '${existing.metadata.name}' exists that is not this revision's`,
      };
    }
    try {
      await (existing === undefined
        ? this.#create(revision, fn)
        : this.#repair(makeDeployment(revision, drainIn(existing) ?? drainOf(fn)), existing));
      return undefined;
    } catch (error) {
      if (isInvalid(error) && error instanceof StatusError) {
        return { reason: 'InvalidPodTemplate', message: error.message };
      }
      throw error;
    }
  }

  /**
   * Created with its replica count by the name of the activator, which thereby owns the field from the first moment; the
   * apply after it takes everything else. An applier that alone owned the count and then dropped it would reset it to 1.
   */
  async #create(revision: Revision, fn: FunctionObject | undefined): Promise<void> {
    const desired = makeDeployment(revision, drainOf(fn));
    const born = { ...desired, spec: { ...desired.spec, replicas: initialReplicas(fn) } };
    try {
      await this.#deps.client.create(deployments, born, { fieldManager: fieldManagers.activator });
    } catch (error) {
      if (!isAlreadyExists(error)) {
        throw error;
      }
      return;
    }
    await this.#deps.client.apply(deployments, desired, { ...manager, force: true });
  }

  /** Applies only what differs: a Deployment that has all we state is left alone. */
  async #repair(desired: DesiredDeployment, existing: Deployment): Promise<void> {
    if (!states(existing, { metadata: { labels: desired.metadata.labels }, spec: desired.spec })) {
      const { uid } = existing.metadata;
      const object = { ...desired, metadata: { ...desired.metadata, ...(uid === undefined ? {} : { uid }) } };
      await this.#deps.client.apply(deployments, object, { ...manager, force: true });
    }
  }

  async #writeStatus(revision: Revision, status: RevisionStatus): Promise<void> {
    if (isSameStatus(revision.status, status)) {
      return;
    }
    const { name, namespace, uid } = revision.metadata;
    const metadata = { name, ...(namespace === undefined ? {} : { namespace }), ...(uid === undefined ? {} : { uid }) };
    const object = { apiVersion: revision.apiVersion, kind: revision.kind, metadata, status };
    try {
      await this.#deps.client.apply(revisions, object, { ...manager, subresource: 'status', force: true });
    } catch (error) {
      if (!isNotFound(error)) {
        throw error;
      }
    }
  }
}

/** The drain time that a Deployment was made with. */
function drainIn(deployment: Deployment): string | undefined {
  const env = deployment.spec.template.spec?.containers[0]?.env;
  return env?.find((variable) => variable.name === 'FLINT_DRAIN_TIMEOUT')?.value;
}
