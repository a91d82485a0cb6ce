import { isDeepStrictEqual } from 'node:util';
import { findCondition, sameConditions } from '../../lib/api/conditions.ts';
import { fieldManagers } from '../../lib/api/names.ts';
import type { KubeClient } from '../../lib/kube/client.ts';
import type { Condition, KubeObject, ObjectMeta } from '../../lib/kube/objects.ts';
import { ofVersion } from '../../lib/kube/preconditions.ts';
import type { Resource } from '../../lib/kube/resources.ts';
import { isInvalid, isNotFound } from '../../lib/kube/status-error.ts';
import { identityOf } from './owner.ts';

interface StatusLike {
  readonly conditions?: Condition[];
}

interface WithStatus extends KubeObject {
  status?: StatusLike;
}

/** `pending`: written before, over the same cached object; the cache has not seen it yet. `gone`: nobody is left to be told. */
export type StatusOutcome = 'written' | 'pending' | 'unchanged' | 'gone';

/**
 * Applies the operator's part of a status, unless it is there already: a steady state writes nothing (I1), and what brings a
 * reconciler back before its own write has come back to it does not make it write the same again. Conditions of types that are
 * not ours are left to whoever made them.
 */
export class StatusWriter {
  readonly #client: Pick<KubeClient, 'apply' | 'mergePatch'>;
  readonly #conditionTypes: readonly string[];
  /** By the cached object, which is never changed in place: the next one that the cache holds is another. */
  readonly #written = new WeakMap<KubeObject, StatusLike>();

  /** @param conditionTypes all that are the operator's; one that is not stated at a time must not be there */
  constructor(client: Pick<KubeClient, 'apply' | 'mergePatch'>, conditionTypes: readonly string[]) {
    this.#client = client;
    this.#conditionTypes = conditionTypes;
  }

  /**
   * By the uid of the object that was looked at, so that a namesake made since is not told what was true of its predecessor;
   * and by its version, so that what was seen in an old cache cannot undo what is newer (traffic would go back for a moment):
   * the refusal brings us back.
   * @param object as the cache holds it
   */
  async write<T extends WithStatus>(
    resource: Resource<T>,
    object: T,
    status: NonNullable<T['status']>,
  ): Promise<StatusOutcome> {
    const written = this.#written.get(object);
    if (this.#isSame(written ?? object.status, status)) {
      return written === undefined ? 'unchanged' : 'pending';
    }
    try {
      await this.#apply(resource, object, status);
      this.#written.set(object, status);
      return 'written';
    } catch (error) {
      if (isNotFound(error)) {
        return 'gone';
      }
      throw error;
    }
  }

  /**
   * An apply that leaves a condition out takes it off, unless another manager (a restored backup, an edit by hand) has a share in
   * it: then it stays, or what is left of it is invalid.
   */
  async #apply<T extends WithStatus>(
    resource: Resource<T>,
    object: T,
    status: NonNullable<T['status']>,
  ): Promise<void> {
    const isOver = ({ type }: Condition): boolean =>
      this.#conditionTypes.includes(type) && findCondition(status.conditions, type) === undefined;
    const intend = (seen: T): KubeObject => {
      return { apiVersion: seen.apiVersion, kind: seen.kind, metadata: versionOf(seen), status } as KubeObject;
    };
    try {
      const answer = await this.#client.apply(resource, intend(object), applied);
      if (answer.status?.conditions?.some(isOver) === true) {
        await this.#takeOff(resource, answer, isOver);
      }
    } catch (error) {
      if (!isInvalid(error) || object.status?.conditions?.some(isOver) !== true) {
        throw error;
      }
      await this.#client.apply(resource, intend(await this.#takeOff(resource, object, isOver)), applied);
    }
  }

  /** Whoever has a share in it: what an update removes is nobody's any more. */
  #takeOff<T extends WithStatus>(
    resource: Resource<T>,
    object: T,
    isOver: (condition: Condition) => boolean,
  ): Promise<T> {
    const conditions = object.status?.conditions?.filter((condition) => !isOver(condition));
    const patch = { metadata: versionOf(object), status: { conditions } };
    return this.#client.mergePatch(resource, object.metadata, patch, { fieldManager, subresource: 'status' });
  }

  #isSame(current: StatusLike | undefined, desired: StatusLike): boolean {
    const { conditions: before, ...rest } = current ?? {};
    const { conditions: after, ...want } = desired;
    const have = Object.fromEntries(Object.entries(rest).filter(([name]) => !foreignFields.includes(name)));
    const ours = before?.filter(({ type }) => this.#conditionTypes.includes(type));
    return isDeepStrictEqual(have, want) && sameConditions(ours, after);
  }
}

const fieldManager = fieldManagers.operator;
const applied = { fieldManager, subresource: 'status', force: true } as const;

/** What the activator writes into the same status, under its own name. */
const foreignFields: readonly string[] = ['coldStart'];

/** A write with it is refused when the object is another one, or has changed. */
function versionOf(object: KubeObject): ObjectMeta {
  return { ...identityOf(object), ...ofVersion(object) };
}
