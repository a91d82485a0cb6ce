import { isDeepStrictEqual } from 'node:util';
import { sameConditions } from '../../lib/api/conditions.ts';
import { fieldManagers } from '../../lib/api/names.ts';
import type { KubeClient } from '../../lib/kube/client.ts';
import type { Condition, KubeObject } from '../../lib/kube/objects.ts';
import type { Resource } from '../../lib/kube/resources.ts';
import { isNotFound } from '../../lib/kube/status-error.ts';
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
 * reconciler back before its own write has come back to it does not make it write the same again.
 */
export class StatusWriter {
  readonly #client: Pick<KubeClient, 'apply'>;
  /** By the cached object, which is never changed in place: the next one that the cache holds is another. */
  readonly #written = new WeakMap<KubeObject, StatusLike>();

  constructor(client: Pick<KubeClient, 'apply'>) {
    this.#client = client;
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
    if (isSameStatus(written ?? object.status, status)) {
      return written === undefined ? 'unchanged' : 'pending';
    }
    const { resourceVersion } = object.metadata;
    const seen = { ...identityOf(object), ...(resourceVersion === undefined ? {} : { resourceVersion }) };
    const intent = { apiVersion: object.apiVersion, kind: object.kind, metadata: seen, status };
    try {
      await this.#client.apply(resource, intent, applied);
      this.#written.set(object, status);
      return 'written';
    } catch (error) {
      if (isNotFound(error)) {
        return 'gone';
      }
      throw error;
    }
  }
}

const applied = { fieldManager: fieldManagers.operator, subresource: 'status', force: true } as const;

/** What the activator writes into the same status, under its own name. */
const foreignFields: readonly string[] = ['coldStart'];

function isSameStatus(current: StatusLike | undefined, desired: StatusLike): boolean {
  const { conditions: before, ...rest } = current ?? {};
  const { conditions: after, ...want } = desired;
  const have = Object.fromEntries(Object.entries(rest).filter(([name]) => !foreignFields.includes(name)));
  return isDeepStrictEqual(have, want) && sameConditions(before, after);
}
