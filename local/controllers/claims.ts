import type { KubeClient } from '../../lib/kube/client.ts';
import type { KubeObject, OwnerReference } from '../../lib/kube/objects.ts';
import { controllerOf, makeControllerReference } from '../../lib/kube/owner-reference.ts';
import type { Resource } from '../../lib/kube/resources.ts';
import { ignoreNotFound } from '../../lib/kube/status-error.ts';
import type { Indexer } from '../../lib/kube/store.ts';
import { type LabelSelector, matchesSelector } from './selectors.ts';

/** Files an object under the uid of its controller, or as an orphan of its namespace: whom a selector may adopt. */
export const byController: Indexer<KubeObject> = (object) => [
  controllerOf(object)?.uid ?? orphansOf(object.metadata.namespace),
];

export function orphansOf(namespace: string | undefined): string {
  return `orphans/${namespace ?? ''}`;
}

export interface Claimant {
  readonly uid: string;
  readonly selector: LabelSelector;
  /** It is being deleted itself: it neither adopts nor releases. */
  readonly isDeleting: boolean;
}

export interface Claims<T> {
  readonly owned: readonly T[];
  readonly adopt: readonly T[];
  readonly release: readonly T[];
}

/** Who of `candidates` is the claimant's by owner reference, should become so by selector, or should no longer be. */
export function decideClaims<T extends KubeObject>(claimant: Claimant, candidates: readonly T[]): Claims<T> {
  const owned: T[] = [];
  const adopt: T[] = [];
  const release: T[] = [];
  for (const candidate of candidates) {
    const controller = controllerOf(candidate);
    const matches = matchesSelector(claimant.selector, candidate.metadata.labels);
    if (controller?.uid === claimant.uid) {
      (matches || claimant.isDeleting ? owned : release).push(candidate);
    } else if (controller === undefined && matches && !claimant.isDeleting && !isDeleting(candidate)) {
      adopt.push(candidate);
    }
  }
  return { owned, adopt, release };
}

function isDeleting(object: KubeObject): boolean {
  return object.metadata.deletionTimestamp !== undefined;
}

export interface ClaimTarget<T extends KubeObject> {
  readonly client: Pick<KubeClient, 'get' | 'mergePatch'>;
  readonly fieldManager: string;
  readonly ownerResource: Resource;
  readonly owner: KubeObject;
  /** What is claimed. */
  readonly resource: Resource<T>;
}

/**
 * Writes the claims. An owner that is gone or being deleted by now adopts nobody; it is asked for, since the cache may
 * be behind.
 * @returns all that are the owner's from now on.
 */
export async function applyClaims<T extends KubeObject>(target: ClaimTarget<T>, claims: Claims<T>): Promise<T[]> {
  const adopted = claims.adopt.length > 0 && (await mayAdopt(target)) ? await adoptAll(target, claims.adopt) : [];
  await Promise.all(
    claims.release.map((object) =>
      patchOwners(
        target,
        object,
        (object.metadata.ownerReferences ?? []).filter(({ uid }) => uid !== target.owner.metadata.uid),
      ),
    ),
  );
  return [...claims.owned, ...adopted];
}

async function mayAdopt<T extends KubeObject>({ client, ownerResource, owner }: ClaimTarget<T>): Promise<boolean> {
  const live = await client.get(ownerResource, owner.metadata).catch(ignoreNotFound);
  return (
    live !== undefined && live.metadata.uid === owner.metadata.uid && live.metadata.deletionTimestamp === undefined
  );
}

async function adoptAll<T extends KubeObject>(target: ClaimTarget<T>, orphans: readonly T[]): Promise<T[]> {
  const reference = makeControllerReference(target.owner);
  const adopted = await Promise.all(
    orphans.map((orphan) => patchOwners(target, orphan, [...(orphan.metadata.ownerReferences ?? []), reference])),
  );
  return adopted.filter((object) => object !== undefined);
}

/** The version in the patch makes it refused when anybody changed the list in between. An object that is gone is nobody's. */
function patchOwners<T extends KubeObject>(
  { client, resource, fieldManager }: ClaimTarget<T>,
  object: T,
  ownerReferences: readonly OwnerReference[],
): Promise<T | undefined> {
  const { uid, resourceVersion } = object.metadata;
  const patch = { metadata: { uid, resourceVersion, ownerReferences } };
  return client.mergePatch(resource, object.metadata, patch, { fieldManager }).catch(ignoreNotFound);
}
