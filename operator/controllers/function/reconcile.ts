import type { FunctionObject } from '../../../lib/api/function.ts';
import type { Failure } from '../../../lib/api/reasons.ts';
import { functions, revisions, runtimes } from '../../../lib/api/resources.ts';
import type { Revision } from '../../../lib/api/revision.ts';
import type { Runtime } from '../../../lib/api/runtime.ts';
import type { KubeClient } from '../../../lib/kube/client.ts';
import type { EventSink } from '../../../lib/kube/event-recorder.ts';
import { after, done, type ReconcileKey, type Reconciler, type Result } from '../../../lib/kube/controller.ts';
import { ofVersion } from '../../../lib/kube/preconditions.ts';
import { makeKey, type ReadonlyStore } from '../../../lib/kube/store.ts';
import { rfc3339 } from '../../../lib/kube/time.ts';
import type { UrlConfig } from '../../config.ts';
import { type CachedConfigMap, cachedConfigMaps, slimObject } from '../../cached-objects.ts';
import { cachedOwner, type Owner } from '../children.ts';
import { getLive } from '../live.ts';
import { isOwnedBy } from '../owner.ts';
import { refusalOf, retryRefusedMs } from '../refusal.ts';
import { StatusWriter } from '../status-writer.ts';
import { conditionTypes } from './conditions.ts';
import { decideSurplus, decideTraffic, type Situation } from './decide.ts';
import { decideEvents } from './events.ts';
import { type LatestRevision, RevisionMaker, type RevisionsDeps } from './revisions.ts';
import { readSource, type SourceInputs } from './source.ts';
import { ensureService, type ServicesDeps } from './service.ts';
import { makeStatus } from './status.ts';

export interface FunctionReconcilerDeps extends RevisionsDeps, ServicesDeps {
  readonly client: KubeClient;
  readonly events: EventSink;
  readonly functions: ReadonlyStore<FunctionObject>;
  /** Indexed by `owner`, the uid of the function, too. */
  readonly revisions: ReadonlyStore<Revision>;
  readonly runtimes: ReadonlyStore<Runtime>;
  readonly urls: UrlConfig;
}

/** While functions take turns in following their Runtime, those that wait look again this often. */
const turnMs = 15_000;

/** What the API server will not have. Nothing of the function would tell us that it takes that back. */
interface Refusal {
  readonly failure: Failure;
  readonly isRefused: true;
}

type OrRefusal<T> = T & Partial<Refusal>;

/** Function → Revision with its code, Service, traffic, status; old Revisions removed. */
export class FunctionReconciler implements Reconciler {
  readonly #deps: FunctionReconcilerDeps;
  readonly #maker: RevisionMaker;
  readonly #status: StatusWriter;

  constructor(deps: FunctionReconcilerDeps) {
    this.#deps = deps;
    this.#maker = new RevisionMaker(deps);
    this.#status = new StatusWriter(deps.client, conditionTypes);
  }

  async reconcile(key: ReconcileKey): Promise<Result> {
    const fn = this.#deps.functions.get(makeKey(key.namespace, key.name));
    // Children are deleted by their owner references; nothing is left for us to do.
    if (fn === undefined || fn.metadata.deletionTimestamp !== undefined || fn.spec.paused === true) {
      return done;
    }
    const known = this.#deps.revisions.byIndex('owner', fn.metadata.uid ?? '').filter((one) => isOwnedBy(one, fn));
    const owner = cachedOwner(this.#deps.client, functions, fn);
    const latest = await this.#ensureLatest(owner, known);
    const service: OrRefusal<{ readonly failure?: Failure }> = await orRefusal(() => ensureService(this.#deps, owner));
    const situation: Situation = {
      fn,
      revisions: known,
      latest: latest.revision,
      missing: latest.failure,
      isWaiting: latest.isWaiting === true,
      unrouted: service.failure,
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
    if (latest.isWaiting === true) {
      return after(turnMs);
    }
    return latest.isRefused === true || service.isRefused === true ? after(retryRefusedMs) : done;
  }

  async #ensureLatest(owner: Owner<FunctionObject>, known: readonly Revision[]): Promise<OrRefusal<LatestRevision>> {
    const source = readSource(owner.object, await this.#sourceInputs(owner.object));
    return source.kind === 'missing'
      ? { failure: source.failure }
      : orRefusal(() => this.#maker.ensure(owner, source, known));
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
      await this.#deps.client.delete(revisions, revision.metadata, ofVersion(revision));
    }
  }
}

/** A refusal is for the function to tell, and keeps none of the other steps from being done. */
async function orRefusal<T extends object>(step: () => Promise<T>): Promise<T | Refusal> {
  try {
    return await step();
  } catch (error) {
    const failure = refusalOf(error, 'FailedCreate');
    if (failure === undefined) {
      throw error;
    }
    return { failure, isRefused: true };
  }
}
