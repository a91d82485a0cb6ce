import { annotations, fieldManagers } from '../../../lib/api/names.ts';
import type { FunctionObject } from '../../../lib/api/function.ts';
import type { Failure } from '../../../lib/api/reasons.ts';
import { revisions } from '../../../lib/api/resources.ts';
import type { Revision } from '../../../lib/api/revision.ts';
import type { Clock } from '../../../lib/clock.ts';
import type { KubeClient } from '../../../lib/kube/client.ts';
import { configMaps } from '../../../lib/kube/resources.ts';
import { keyOf, makeKey, type ObjectKey, type ReadonlyStore } from '../../../lib/kube/store.ts';
import type { CachedConfigMap } from '../../cached-objects.ts';
import { cachedOwner, createOrGet, liveOwner, type Owner } from '../children.ts';
import { confirmClaim } from '../live.ts';
import { claimOf, nameTaken } from '../owner.ts';
import { byAge, isReady } from './decide.ts';
import { makeCodeConfigMap, makeRevision } from './resources.ts';
import { decideRuntimeUpdate, updatedRuntimeOf } from './runtime-update.ts';
import { type CodeSource, type ImageSource, readFiles } from './source.ts';

export interface RevisionsDeps {
  readonly client: Pick<KubeClient, 'create' | 'get'>;
  readonly clock: Clock;
  readonly functions: ReadonlyStore<FunctionObject>;
  /** Indexed by `runtimeUpdate`, the Runtime that `updatedRuntimeOf` names. */
  readonly revisions: ReadonlyStore<Revision>;
  readonly configMaps: ReadonlyStore<CachedConfigMap>;
}

/** The Revision of the present spec. Without one: why, or nothing when it is only a matter of time. */
export interface LatestRevision {
  readonly revision?: Revision;
  readonly failure?: Failure;
  /** A changed Runtime will make another one of it when it is this function's turn; for `Situation.isWaiting`. */
  readonly isWaiting?: true;
}

/** A Revision that is made because its Runtime changed. */
interface Update {
  readonly runtime: string;
  readonly functionKey: ObjectKey;
  /** clock.monotonic */
  readonly at: number;
}

/** A Revision that was created but is not in the cache after this long is not coming. */
const unseenForMs = 30_000;

/** Makes the Revisions of functions, each with its code. */
export class RevisionMaker {
  readonly #deps: RevisionsDeps;
  /** Updates that the cache does not show yet: several workers must not take the same place. */
  readonly #unseen = new Map<ObjectKey, Update>();

  constructor(deps: RevisionsDeps) {
    this.#deps = deps;
  }

  /** @param known the function's Revisions that the cache shows. */
  async ensure(
    owner: Owner<FunctionObject>,
    source: ImageSource | CodeSource,
    known: readonly Revision[],
  ): Promise<LatestRevision> {
    const desired = makeRevision(owner.object, source);
    const existing = known.find(({ metadata }) => metadata.name === desired.metadata.name);
    const current = currentOf(owner.object, known);
    const decision = decideRuntimeUpdate({
      desired,
      isDesiredReady: existing !== undefined && isReady(existing),
      current,
      runtime: source.kind === 'code' ? source.runtime : undefined,
      underWay: this.#underWay(desired),
    });
    if (decision.kind !== 'take') {
      const found = current === undefined ? {} : await this.#withCode(this.#cached(current), source);
      return decision.kind === 'wait' ? { ...found, isWaiting: true } : found;
    }
    const revision =
      existing === undefined
        ? await this.#create(annotated(desired, decision.updateOf), owner)
        : this.#cached(existing);
    return revision === undefined ? {} : this.#take(revision, owner.object, source);
  }

  async #take(
    revision: Owner<Revision>,
    fn: FunctionObject,
    source: ImageSource | CodeSource,
  ): Promise<LatestRevision> {
    switch (claimOf(revision.object, fn)) {
      case 'leaving':
        return {};
      case 'foreign':
        return { failure: nameTaken('Revision', revision.object.metadata.name) };
      case 'ours':
        return this.#withCode(revision, source);
    }
  }

  #cached(revision: Revision): Owner<Revision> {
    return cachedOwner(this.#deps.client, revisions, revision);
  }

  async #create(desired: Revision, owner: Owner): Promise<Owner<Revision> | undefined> {
    const runtime = updatedRuntimeOf(desired);
    if (runtime !== undefined) {
      const at = this.#deps.clock.monotonic();
      this.#unseen.set(keyOf(desired), { runtime, functionKey: functionKeyOf(desired), at });
    }
    try {
      const { client } = this.#deps;
      const options = { owner, fieldManager: fieldManagers.operator };
      const revision = await createOrGet(client, revisions, desired, options);
      return revision === undefined ? undefined : liveOwner(revision);
    } catch (error) {
      this.#unseen.delete(keyOf(desired));
      throw error;
    }
  }

  /** The code is a step of its own: after a crash between the two, the next look makes up for it. */
  async #withCode(owner: Owner<Revision>, source: ImageSource | CodeSource): Promise<LatestRevision> {
    const revision = owner.object;
    // The code of an older Revision is not to be had any more.
    if (source.kind === 'image' || revision.spec.code?.sha256 !== source.digest.sha256) {
      return { revision };
    }
    const { namespace = '' } = revision.metadata;
    const cached = this.#deps.configMaps.get(makeKey(namespace, revision.metadata.name));
    const found =
      (await confirmClaim(this.#deps.client, configMaps, { cached, owner: revision })) ??
      (await createOrGet(
        this.#deps.client,
        configMaps,
        makeCodeConfigMap(revision, await readFiles(this.#deps.client, namespace, source)),
        { owner, fieldManager: fieldManagers.operator },
      ));
    return found !== undefined && claimOf(found, revision) === 'foreign'
      ? { revision, failure: nameTaken('ConfigMap', found.metadata.name) }
      : { revision };
  }

  /** Of other functions, those whose Revision somebody will prove: not of one that is paused or gone. */
  #underWay(desired: Revision): number {
    const { runtime = '' } = desired.spec;
    this.#forgetSeen();
    const seen = this.#deps.revisions.byIndex('runtimeUpdate', runtime).map(functionKeyOf);
    const unseen = [...this.#unseen.values()]
      .filter((update) => update.runtime === runtime)
      .map(({ functionKey }) => functionKey);
    return [...seen, ...unseen].filter((key) => key !== functionKeyOf(desired) && this.#isAtWork(key)).length;
  }

  #isAtWork(functionKey: ObjectKey): boolean {
    const fn = this.#deps.functions.get(functionKey);
    return fn !== undefined && fn.metadata.deletionTimestamp === undefined && fn.spec.paused !== true;
  }

  #forgetSeen(): void {
    const now = this.#deps.clock.monotonic();
    for (const [key, { at }] of this.#unseen) {
      if (this.#deps.revisions.get(key) !== undefined || now - at >= unseenForMs) {
        this.#unseen.delete(key);
      }
    }
  }
}

function functionKeyOf({ metadata, spec }: Revision): ObjectKey {
  return makeKey(metadata.namespace, spec.functionName);
}

/** By status; should that have been lost, the youngest. */
function currentOf(fn: FunctionObject, known: readonly Revision[]): Revision | undefined {
  const named = known.find(({ metadata }) => metadata.name === fn.status?.latestCreatedRevision);
  return named ?? known.toSorted(byAge).at(-1);
}

function annotated(revision: Revision, updateOf: string | undefined): Revision {
  if (updateOf === undefined) {
    return revision;
  }
  const { metadata } = revision;
  const extended = { ...metadata.annotations, [annotations.runtimeUpdateOf]: updateOf };
  return { ...revision, metadata: { ...metadata, annotations: extended } };
}
