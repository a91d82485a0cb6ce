import type { KubeObject } from '../../../lib/kube/objects.ts';
import { deepEqual, type JsonObject } from '../fields/structure.ts';
import { isNamespace, type Kind } from '../kinds/kind.ts';

/** Which part of an object a write may change. */
export type Door = 'main' | 'status' | 'finalize';

/** `after` with everything put back that this door does not open, and with the server's own metadata. */
export function confine(kind: Kind, before: KubeObject, after: KubeObject, door: Door): KubeObject {
  const [old, next] = [before as KubeObject & JsonObject, after as KubeObject & JsonObject];
  const metadata = { ...after.metadata, ...serverKept(before) };
  if (door === 'status') {
    return {
      ...old,
      metadata: { ...before.metadata, managedFields: metadata.managedFields ?? [] },
      status: next['status'],
    } as KubeObject;
  }
  if (door === 'finalize') {
    return {
      ...old,
      metadata: { ...before.metadata, managedFields: metadata.managedFields ?? [] },
      spec: next['spec'],
    } as KubeObject;
  }
  const { status: _, ...rest } = isNamespace(kind) ? { ...next, spec: old['spec'] } : next;
  const status = kind.hasStatus ? old['status'] : next['status'];
  const confined = { ...rest, metadata, ...(status === undefined ? {} : { status }) } as KubeObject;
  return { ...confined, metadata: { ...confined.metadata, ...generationOf(before, confined) } };
}

/** A generation counts changes of everything but metadata and status; kinds without a spec have none. */
function generationOf(before: KubeObject, after: KubeObject): { generation?: number } {
  if (before.metadata.generation === undefined) {
    return {};
  }
  const same = deepEqual(desired(before), desired(after));
  return { generation: before.metadata.generation + (same ? 0 : 1) };
}

function desired(object: KubeObject): object {
  const { metadata: _m, status: _s, ...rest } = object as KubeObject & JsonObject;
  return rest;
}

function serverKept(before: KubeObject): Partial<KubeObject['metadata']> {
  const { uid, creationTimestamp, deletionTimestamp, deletionGracePeriodSeconds, generation, namespace } =
    before.metadata;
  const kept = { uid, creationTimestamp, deletionTimestamp, deletionGracePeriodSeconds, generation, namespace };
  return Object.fromEntries(Object.entries(kept).filter(([, value]) => value !== undefined));
}
