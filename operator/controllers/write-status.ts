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

/**
 * Applies the operator's part of a status, unless it is there already: a steady state writes nothing (I1). By the uid of
 * the object that was looked at, so that a namesake made since is not told what was true of its predecessor; and by its version, so that what
 * was seen in an old cache cannot undo what is newer (traffic would go back for a moment): the refusal brings us back.
 * @returns whether something was written
 */
export async function writeStatus<T extends WithStatus>(
  client: Pick<KubeClient, 'apply'>,
  resource: Resource<T>,
  object: T,
  status: NonNullable<T['status']>,
): Promise<boolean> {
  if (isSameStatus(object.status, status)) {
    return false;
  }
  const { resourceVersion } = object.metadata;
  const seen = { ...identityOf(object), ...(resourceVersion === undefined ? {} : { resourceVersion }) };
  const intent = { apiVersion: object.apiVersion, kind: object.kind, metadata: seen, status };
  try {
    await client.apply(resource, intent, { fieldManager: fieldManagers.operator, subresource: 'status', force: true });
    return true;
  } catch (error) {
    if (isNotFound(error)) {
      // Deleted meanwhile: nobody is left to be told.
      return false;
    }
    throw error;
  }
}

/** What the activator writes into the same status, under its own name. */
const foreignFields: readonly string[] = ['coldStart'];

function isSameStatus(current: StatusLike | undefined, desired: StatusLike): boolean {
  const { conditions: before, ...rest } = current ?? {};
  const { conditions: after, ...want } = desired;
  const have = Object.fromEntries(Object.entries(rest).filter(([name]) => !foreignFields.includes(name)));
  return isDeepStrictEqual(have, want) && sameConditions(before, after);
}
