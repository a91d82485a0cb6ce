import type { KubeObject, Pod } from '../../../lib/kube/objects.ts';
import { isFinished } from '../../../lib/kube/pod-phase.ts';
import { rfc3339 } from '../../../lib/kube/time.ts';
import { isNamespace, type Kind } from '../kinds/kind.ts';
import { nameOf, refuse } from '../status.ts';

export interface DeleteContext {
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly gracePeriodSeconds?: number;
  readonly propagationPolicy?: string;
  readonly dryRun: boolean;
}

/** Without these there is no cluster. */
const lasting: readonly string[] = ['default', 'kube-system', 'kube-public'];

/** @throws StatusError Forbidden */
export function checkRemovable(kind: Kind, { metadata: { name } }: KubeObject): void {
  if (isNamespace(kind) && lasting.includes(name)) {
    throw refuse('Forbidden', `${nameOf(kind, name)} is forbidden: this namespace may not be deleted`);
  }
}

/**
 * The object marked as going, which it stays while finalizers, the content of a namespace or a running Pod hold it.
 * @returns undefined when nothing does; `live` itself when it is going as soon already
 */
export function beginDeletion(
  kind: Kind,
  live: KubeObject,
  context: DeleteContext & { readonly now: number },
): KubeObject | undefined {
  const finalizers = [...(live.metadata.finalizers ?? []), ...propagationFinalizer(context, live)];
  const graceSeconds = graceOf(kind, live, context);
  if (finalizers.length === 0 && graceSeconds === 0 && !holdsContent(kind, live)) {
    return undefined;
  }
  const { deletionTimestamp, generation } = live.metadata;
  if (deletionTimestamp !== undefined && graceSeconds >= (live.metadata.deletionGracePeriodSeconds ?? 0)) {
    return live;
  }
  const metadata = {
    ...live.metadata,
    ...(finalizers.length === 0 ? {} : { finalizers }),
    deletionTimestamp: rfc3339(context.now + graceSeconds * 1000),
    deletionGracePeriodSeconds: graceSeconds,
    ...(generation === undefined ? {} : { generation: generation + 1 }),
  };
  return { ...live, metadata, ...phaseOf(kind) };
}

function phaseOf(kind: Kind): object {
  return isNamespace(kind) ? { status: { phase: 'Terminating' } } : {};
}

/** It is going, its last finalizer is gone, and nothing else holds it. */
export function isReleased(kind: Kind, object: KubeObject): boolean {
  const { deletionTimestamp, finalizers = [], deletionGracePeriodSeconds = 0 } = object.metadata;
  const isFree = finalizers.length === 0 && deletionGracePeriodSeconds === 0 && !holdsContent(kind, object);
  return deletionTimestamp !== undefined && isFree;
}

/** A namespace's own finalizer stands in its spec until it is empty. */
function holdsContent(kind: Kind, object: KubeObject): boolean {
  const { spec } = object as KubeObject & { readonly spec?: { readonly finalizers?: readonly string[] } };
  return isNamespace(kind) && (spec?.finalizers ?? []).length > 0;
}

/** Only a Pod that runs somewhere needs time; its node ends it and then deletes it with a grace of 0. */
function graceOf(kind: Kind, live: KubeObject, context: DeleteContext): number {
  if (kind.kind !== 'Pod') {
    return 0;
  }
  const pod = live as Pod;
  const isRunning = pod.spec.nodeName !== undefined && !isFinished(pod);
  return isRunning ? (context.gracePeriodSeconds ?? pod.spec.terminationGracePeriodSeconds ?? 30) : 0;
}

function propagationFinalizer(context: DeleteContext, live: KubeObject): string[] {
  const wanted =
    context.propagationPolicy === 'Foreground'
      ? 'foregroundDeletion'
      : context.propagationPolicy === 'Orphan'
        ? 'orphan'
        : undefined;
  return wanted === undefined || live.metadata.finalizers?.includes(wanted) === true ? [] : [wanted];
}
