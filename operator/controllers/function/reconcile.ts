import type { FunctionObject } from '../../../lib/api/function.ts';
import { fieldManagers } from '../../../lib/api/names.ts';
import type { Failure } from '../../../lib/api/reasons.ts';
import { functions, revisions, runtimes } from '../../../lib/api/resources.ts';
import type { Revision } from '../../../lib/api/revision.ts';
import type { Runtime } from '../../../lib/api/runtime.ts';
import type { KubeClient } from '../../../lib/kube/client.ts';
import type { EventSink } from '../../../lib/kube/event-recorder.ts';
import { after, done, type ReconcileKey, type Reconciler, type Result } from '../../../lib/kube/controller.ts';
import type { Service } from '../../../lib/kube/objects.ts';
import { services } from '../../../lib/kube/resources.ts';
import { keyOf, makeKey, type ReadonlyStore } from '../../../lib/kube/store.ts';
import { rfc3339 } from '../../../lib/kube/time.ts';
import type { UrlConfig } from '../../config.ts';
import { type CachedConfigMap, cachedConfigMaps, slimObject } from '../../cached-objects.ts';
import { createOrGet } from '../create-or-get.ts';
import { confirmClaim, getLive } from '../live.ts';
import { claimOf, identityOf, isOwnedBy } from '../owner.ts';
import { states } from '../states.ts';
import { StatusWriter } from '../status-writer.ts';
import { decideSurplus, decideTraffic, type Situation } from './decide.ts';
import { decideEvents } from './events.ts';
import { makeService } from './resources.ts';
import { type LatestRevision, RevisionMaker, type RevisionsDeps } from './revisions.ts';
import { readSource, type SourceInputs } from './source.ts';
import { makeStatus } from './status.ts';

export interface FunctionReconcilerDeps extends RevisionsDeps {
  readonly client: KubeClient;
  readonly events: EventSink;
  readonly functions: ReadonlyStore<FunctionObject>;
  /** Indexed by `owner`, the uid of the function, too. */
  readonly revisions: ReadonlyStore<Revision>;
  readonly runtimes: ReadonlyStore<Runtime>;
  readonly services: ReadonlyStore<Service>;
  readonly urls: UrlConfig;
  readonly activatorService: string;
}

/** While functions take turns in following their Runtime, those that wait look again this often. */
const turnMs = 15_000;

/** Function → Revision with its code, Service, traffic, status; old Revisions removed. */
export class FunctionReconciler implements Reconciler {
  readonly #deps: FunctionReconcilerDeps;
  readonly #maker: RevisionMaker;
  readonly #status: StatusWriter;

  constructor(deps: FunctionReconcilerDeps) {
    this.#deps = deps;
    this.#maker = new RevisionMaker(deps);
    this.#status = new StatusWriter(deps.client);
  }

  async reconcile(key: ReconcileKey): Promise<Result> {
    const fn = this.#deps.functions.get(makeKey(key.namespace, key.name));
    // Children are deleted by their owner references; nothing is left for us to do.
    if (fn === undefined || fn.metadata.deletionTimestamp !== undefined || fn.spec.paused === true) {
      return done;
    }
    const known = this.#deps.revisions.byIndex('owner', fn.metadata.uid ?? '').filter((one) => isOwnedBy(one, fn));
    const latest = await this.#ensureLatest(fn, known);
    const situation: Situation = {
      fn,
      revisions: known,
      latest: latest.revision,
      missing: latest.failure,
      nameTaken: await this.#ensureService(fn),
    };
    const decision = decideTraffic(situation);
    const { urls, clock, events } = this.#deps;
    const status = makeStatus({ situation, decision, urls, now: rfc3339(clock.now()) });
    const outcome = await this.#status.write(functions, fn, status);
    if (outcome === 'written') {
      decideEvents(fn.status, status).forEach((event) => {
        events.record(fn, event);
      });
    } else if (outcome === 'unchanged') {
      // Only when all is told, so that nothing goes that a reader of the status may still rely on.
      await this.#remove(fn, decideSurplus(situation, decision));
    }
    return latest.isWaiting === true ? after(turnMs) : done;
  }

  async #ensureLatest(fn: FunctionObject, known: readonly Revision[]): Promise<LatestRevision> {
    const source = readSource(fn, await this.#sourceInputs(fn));
    return source.kind === 'missing' ? { failure: source.failure } : this.#maker.ensure(fn, source, known);
  }

  async #sourceInputs({ spec, metadata }: FunctionObject): Promise<SourceInputs> {
    const { runtime, source } = spec;
    const { namespace = '' } = metadata;
    return {
      runtime: runtime === undefined ? undefined : await this.#runtime(runtime),
      configMap: source.configMap === undefined ? undefined : await this.#configMap(namespace, source.configMap.name),
    };
  }

  async #runtime(name: string): Promise<Runtime | undefined> {
    return this.#deps.runtimes.get(name) ?? getLive(this.#deps.client, runtimes, { name });
  }

  async #configMap(namespace: string, name: string): Promise<CachedConfigMap | undefined> {
    const cached = this.#deps.configMaps.get(makeKey(namespace, name));
    if (cached !== undefined) {
      return cached;
    }
    const live = await getLive(this.#deps.client, cachedConfigMaps, { namespace, name });
    return live === undefined ? undefined : slimObject(live);
  }

  /** @returns what is wrong when a Service of that name is not ours. */
  async #ensureService(fn: FunctionObject): Promise<Failure | undefined> {
    const { client, activatorService } = this.#deps;
    const desired = makeService(fn, activatorService);
    const cached = this.#deps.services.get(keyOf(desired));
    const found =
      (await confirmClaim(client, services, { cached, owner: fn })) ??
      (await createOrGet(client, services, desired, fieldManagers.operator));
    switch (claimOf(found, fn)) {
      case 'leaving':
        return undefined;
      case 'foreign': {
        const message = `a Service '${desired.metadata.name}' exists that is not this function's; delete or rename one of them`;
        return { reason: 'NameTaken', message };
      }
      case 'ours': {
        if (!states(found, { metadata: { labels: desired.metadata.labels }, spec: desired.spec })) {
          const intent = { ...desired, metadata: { ...desired.metadata, ...identityOf(found) } };
          await client.apply(services, intent, { fieldManager: fieldManagers.operator, force: true });
        }
        return undefined;
      }
    }
  }

  /** Nothing is taken away by an old view: the function must be as it was seen, and so must each Revision. */
  async #remove(fn: FunctionObject, surplus: readonly Revision[]): Promise<void> {
    if (surplus.length === 0) {
      return;
    }
    const live = await this.#deps.client.get(functions, fn.metadata);
    if (live.metadata.uid !== fn.metadata.uid || live.metadata.resourceVersion !== fn.metadata.resourceVersion) {
      return;
    }
    for (const revision of surplus) {
      const { resourceVersion } = revision.metadata;
      const { uid, ...name } = identityOf(revision);
      await this.#deps.client.delete(revisions, name, {
        ...(uid === undefined ? {} : { uid }),
        ...(resourceVersion === undefined ? {} : { resourceVersion }),
      });
    }
  }
}
