import type { Random } from '../../../lib/clock.ts';
import type { Pod, ReplicaSet } from '../../../lib/kube/objects.ts';
import { makeControllerReference } from '../../../lib/kube/owner-reference.ts';

/** Without vowels and look-alikes, as Kubernetes' own generated names. */
const alphabet = 'bcdfghjklmnpqrstvwxz2456789';
const suffixLength = 5;
/** A name is at most 63 characters so that it fits into a label. */
const longestBase = 63 - suffixLength - 1;

export function makePod(replicaSet: ReplicaSet, random: Random): Pod {
  const { template } = replicaSet.spec;
  const { name, namespace } = replicaSet.metadata;
  if (template?.spec === undefined) {
    throw new Error(`ReplicaSet ${name} has no pod template`);
  }
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...(namespace === undefined ? {} : { namespace }),
      // The name is chosen here rather than by the server, so that its event is recognised when it comes first.
      name: `${name.slice(0, longestBase)}-${makeSuffix(random)}`,
      generateName: `${name}-`,
      labels: { ...template.metadata?.labels },
      annotations: { ...template.metadata?.annotations },
      ...(template.metadata?.finalizers === undefined ? {} : { finalizers: template.metadata.finalizers }),
      ownerReferences: [makeControllerReference(replicaSet)],
    },
    spec: template.spec,
  };
}

function makeSuffix(random: Random): string {
  return Array.from({ length: suffixLength }, () => alphabet[Math.floor(random() * alphabet.length)]).join('');
}
