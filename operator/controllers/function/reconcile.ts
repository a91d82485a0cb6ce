import type { FunctionObject, FunctionStatus } from '../../../lib/api/function.ts';
import { fieldManagers } from '../../../lib/api/names.ts';
import type { Failure } from '../../../lib/api/reasons.ts';
import { functions, revisions } from '../../../lib/api/resources.ts';
import type { Revision } from '../../../lib/api/revision.ts';
import type { Runtime } from '../../../lib/api/runtime.ts';
import type { Clock } from '../../../lib/clock.ts';
import type { KubeClient } from '../../../lib/kube/client.ts';
import { done, type ReconcileKey, type Reconciler, type Result } from '../../../lib/kube/controller.ts';
import type { ConfigMap, Service } from '../../../lib/kube/objects.ts';
import { configMaps, services } from '../../../lib/kube/resources.ts';
import { isAlreadyExists, isConflict, isNotFound } from '../../../lib/kube/status-error.ts';
import { makeKey, type ReadonlyStore } from '../../../lib/kube/store.ts';
import { rfc3339 } from '../../../lib/kube/time.ts';
import type { UrlConfig } from '../../config.ts';
import { isOwnedBy } from '../owner.ts';
import { isSameStatus } from '../same-status.ts';
import { decideSurplus, decideTraffic, type Situation } from './decide.ts';
import { makeCodeConfigMap, makeRevision, makeService } from './resources.ts';
import { readSource, type Source } from './source.ts';
import { makeStatus } from './status.ts';

export interface FunctionReconcilerDeps {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly functions: ReadonlyStore<FunctionObject>;
  /** Indexed by `owner`, the uid of the function. */
  readonly revisions: ReadonlyStore<Revision>;
  readonly runtimes: ReadonlyStore<Runtime>;
  readonly configMaps: ReadonlyStore<ConfigMap>;
  readonly services: ReadonlyStore<Service>;
  readonly urls: UrlConfig;
  readonly activatorService: string;
}

const manager = { fieldManager: fieldManagers.operator };

/** Function → Revision with its code, Service, traffic, status; old Revisions removed. */
export class FunctionReconciler implements Reconciler {
  readonly #deps: FunctionReconcilerDeps;

  constructor(deps: FunctionReconcilerDeps) {
    this.#deps = deps;
  }

  async reconcile(key: ReconcileKey): Promise<Result> {
    const fn = this.#deps.functions.get(makeKey(key.namespace, key.name));
    if (fn === undefined || fn.metadata.deletionTimestamp !== undefined || fn.spec.paused === true) {
      return done;
    }
    const source = readSource(fn, {
      runtime: (name) => this.#deps.runtimes.get(name),
      configMap: (namespace, name) => this.#deps.configMaps.get(makeKey(namespace, name)),
    });
    const latest = source.kind === 'missing' ? undefined : await this.#ensureRevision(fn, source);
    const nameTaken = await this.#ensureService(fn);
    const situation: Situation = {
      fn,
      revisions: this.#revisionsOf(fn),
      latest,
      missing: source.kind === 'missing' ? source.failure : undefined,
    };
    const traffic = decideTraffic(situation);
    const status = makeStatus({
      situation,
      traffic,
      nameTaken,
      urls: this.#deps.urls,
      now: rfc3339(this.#deps.clock.now()),
    });
    await this.#writeStatus(fn, status);
    await this.#deleteSurplus(decideSurplus(situation, traffic));
    return done;
  }

  #revisionsOf(fn: FunctionObject): readonly Revision[] {
    return this.#deps.revisions.byIndex('owner', fn.metadata.uid ?? '').filter((revision) => isOwnedBy(revision, fn));
  }

  async #ensureRevision(fn: FunctionObject, source: Exclude<Source, { kind: 'missing' }>): Promise<Revision> {
    const desired = makeRevision(fn, source);
    const key = makeKey(desired.metadata.namespace, desired.metadata.name);
    const revision = this.#deps.revisions.get(key) ?? (await this.#createRevision(desired));
    // The code follows at once; after a crash between the two, the next look makes up for it.
    if (source.kind === 'code' && this.#deps.configMaps.get(key) === undefined) {
      await this.#create(() => this.#deps.client.create(configMaps, makeCodeConfigMap(revision, source.code), manager));
    }
    return revision;
  }

  async #createRevision(desired: Revision): Promise<Revision> {
    try {
      return await this.#deps.client.create(revisions, desired, manager);
    } catch (error) {
      if (!isAlreadyExists(error)) {
        throw error;
      }
      // Made a moment ago, or by a predecessor: the cache will show it too.
      return this.#deps.client.get(revisions, desired.metadata);
    }
  }

  async #create(create: () => Promise<unknown>): Promise<void> {
    try {
      await create();
    } catch (error) {
      if (!isAlreadyExists(error)) {
        throw error;
      }
    }
  }

  /** @returns what is wrong when a Service of that name is not ours. */
  async #ensureService(fn: FunctionObject): Promise<Failure | undefined> {
    const desired = makeService(fn, this.#deps.activatorService);
    const { name } = desired.metadata;
    const existing = this.#deps.services.get(makeKey(desired.metadata.namespace, name));
    if (existing !== undefined && isOwnedBy(existing, fn)) {
      if (existing.spec.externalName !== desired.spec.externalName) {
        await this.#deps.client.apply(services, desired, { ...manager, force: true });
      }
      return undefined;
    }
    const found = existing ?? (await this.#createService(desired));
    return isOwnedBy(found, fn)
      ? undefined
      : {
          reason: 'NameTaken',
          message: `a Service '${name}' exists that is not this function's; delete or rename one of them`,
        };
  }

  async #createService(desired: Service): Promise<Service> {
    try {
      return await this.#deps.client.create(services, desired, manager);
    } catch (error) {
      if (!isAlreadyExists(error)) {
        throw error;
      }
      return this.#deps.client.get(services, desired.metadata);
    }
  }

  async #writeStatus(fn: FunctionObject, status: FunctionStatus): Promise<void> {
    if (isSameStatus(fn.status, status)) {
      return;
    }
    const { name, namespace, uid } = fn.metadata;
    const metadata = { name, ...(namespace === undefined ? {} : { namespace }), ...(uid === undefined ? {} : { uid }) };
    const object = { apiVersion: fn.apiVersion, kind: fn.kind, metadata, status };
    try {
      await this.#deps.client.apply(functions, object, { ...manager, subresource: 'status', force: true });
    } catch (error) {
      // Deleted meanwhile.
      if (!isNotFound(error)) {
        throw error;
      }
    }
  }

  async #deleteSurplus(surplus: readonly Revision[]): Promise<void> {
    for (const { metadata } of surplus) {
      try {
        await this.#deps.client.delete(revisions, metadata, metadata.uid === undefined ? {} : { uid: metadata.uid });
      } catch (error) {
        if (!isNotFound(error) && !isConflict(error)) {
          throw error;
        }
      }
    }
  }
}
