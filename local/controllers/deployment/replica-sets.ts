import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { Deployment, PodTemplateSpec, ReplicaSet } from '../../../lib/kube/objects.ts';
import { makeControllerReference } from '../../../lib/kube/owner-reference.ts';
import { strategyOf } from './rollout.ts';

const hashLabel = 'pod-template-hash';
export const annotations = {
  revision: 'deployment.kubernetes.io/revision',
  /** What the size of a ReplicaSet was computed from; `kubectl rollout` reads them. */
  desired: 'deployment.kubernetes.io/desired-replicas',
  max: 'deployment.kubernetes.io/max-replicas',
} as const;

/** The ReplicaSet that has the Deployment's template now, the oldest of several; undefined when none has. */
export function findNewSet(deployment: Deployment, owned: readonly ReplicaSet[]): ReplicaSet | undefined {
  const template = withoutHash(deployment.spec.template);
  return [...owned].sort(byAge).find((set) => isDeepStrictEqual(withoutHash(set.spec.template), template));
}

export function byAge(a: ReplicaSet, b: ReplicaSet): number {
  const older = (a.metadata.creationTimestamp ?? '').localeCompare(b.metadata.creationTimestamp ?? '');
  return older === 0 ? a.metadata.name.localeCompare(b.metadata.name) : older;
}

function withoutHash(template: PodTemplateSpec | undefined): PodTemplateSpec | undefined {
  if (template === undefined) {
    return undefined;
  }
  const { [hashLabel]: _, ...labels } = template.metadata?.labels ?? {};
  return { ...template, metadata: { ...template.metadata, labels } };
}

export function makeReplicaSet(deployment: Deployment, replicas: number, revision: number): ReplicaSet {
  const { name, namespace, annotations: inherited } = deployment.metadata;
  const { template, selector, minReadySeconds } = deployment.spec;
  const hash = hashTemplate(template);
  const labels = { ...template.metadata?.labels, [hashLabel]: hash };
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: `${name}-${hash}`,
      ...(namespace === undefined ? {} : { namespace }),
      labels,
      annotations: { ...withoutOwn(inherited), ...makeAnnotations(deployment, revision) },
      ownerReferences: [makeControllerReference(deployment)],
    },
    spec: {
      replicas,
      ...(minReadySeconds === undefined ? {} : { minReadySeconds }),
      selector: { ...selector, matchLabels: { ...selector.matchLabels, [hashLabel]: hash } },
      template: { ...template, metadata: { ...template.metadata, labels } },
    },
  };
}

export function makeAnnotations(deployment: Deployment, revision: number): Record<string, string> {
  const desired = deployment.spec.replicas ?? 1;
  const strategy = strategyOf(deployment);
  return {
    [annotations.revision]: String(revision),
    [annotations.desired]: String(desired),
    [annotations.max]: String(desired + (strategy.kind === 'Recreate' ? 0 : strategy.maxSurge)),
  };
}

function withoutOwn(all: Readonly<Record<string, string>> = {}): Record<string, string> {
  const own: readonly string[] = Object.values(annotations);
  const others = Object.entries(all).filter(
    ([key]) => !own.includes(key) && key !== 'kubectl.kubernetes.io/last-applied-configuration',
  );
  return Object.fromEntries(others);
}

export function revisionOf(object: Deployment | ReplicaSet): number {
  return Number(object.metadata.annotations?.[annotations.revision] ?? 0) || 0;
}

const safeAlphabet = 'bcdfghjklmnpqrstvwxz2456789';

/** Ten letters that stand for the template, whatever the order of its keys. */
export function hashTemplate(template: PodTemplateSpec): string {
  const digest = createHash('sha256')
    .update(JSON.stringify(sortKeys(template)))
    .digest();
  return [...digest.subarray(0, 10)].map((byte) => safeAlphabet[byte % safeAlphabet.length]).join('');
}

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(sortKeys);
  }
  if (typeof value !== 'object' || value === null) {
    return value;
  }
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, member]) => [key, sortKeys(member)]));
}

/** Old sets beyond the history limit, oldest first; only those that are empty and known to be so. */
export function decideHistory(old: readonly ReplicaSet[], limit: number): readonly ReplicaSet[] {
  const removable = old.filter(isSpent).sort((a, b) => revisionOf(a) - revisionOf(b) || byAge(a, b));
  return removable.slice(0, Math.max(0, old.length - limit));
}

function isSpent({ metadata, spec, status }: ReplicaSet): boolean {
  return (
    metadata.deletionTimestamp === undefined &&
    spec.replicas === 0 &&
    status?.replicas === 0 &&
    (status.observedGeneration ?? 0) >= (metadata.generation ?? 0)
  );
}
