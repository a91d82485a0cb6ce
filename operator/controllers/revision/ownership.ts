import { fieldManagers } from '../../../lib/api/names.ts';
import type { JsonPatchOperation } from '../../../lib/kube/client.ts';
import type { KubeObject } from '../../../lib/kube/objects.ts';

/** A set of fields as managedFields has it: a tree by `f:NAME`, and by `k:…` and `v:…` in lists. */
interface FieldSet {
  readonly [segment: string]: FieldSet;
}

interface ManagedFields {
  readonly manager: string;
  readonly operation: string;
  readonly subresource?: string;
  readonly fieldsV1: FieldSet;
}

/** All that the activator is to own. */
const count: FieldSet = { 'f:spec': { 'f:replicas': {} } };

/**
 * The patch by which the activator, in whose name a Deployment was made, keeps the replica count only, and all else is the
 * operator's as if it had applied it. Owned by both, a field that a later release states no more would stay for ever. No
 * apply can say so: it shares the fields that have its value already. Nor can the create: who creates owns all of it. It is
 * how kubectl goes over to server-side apply.
 *
 * @param live as a server answers it: caches know no managers
 * @returns undefined when there is nothing to hand over. The patch fails when the owners are others by then.
 */
export function handOver({ metadata }: KubeObject): readonly JsonPatchOperation[] | undefined {
  const owners = (metadata.managedFields ?? []) as readonly ManagedFields[];
  const index = owners.findIndex(isCreator);
  const creator = owners[index];
  if (creator === undefined || JSON.stringify(creator.fieldsV1) === JSON.stringify(count)) {
    return undefined;
  }
  const path = `/metadata/managedFields/${index}`;
  const { 'f:spec': { 'f:replicas': replicas, ...spec } = {}, ...rest } = creator.fieldsV1;
  const operator = {
    ...creator,
    manager: fieldManagers.operator,
    operation: 'Apply',
    fieldsV1: { ...rest, 'f:spec': spec },
  };
  return [
    { op: 'test', path: '/metadata/uid', value: metadata.uid },
    { op: 'test', path, value: creator },
    // A scale write has taken the count already where it is missing.
    replicas === undefined ? { op: 'remove', path } : { op: 'replace', path, value: { ...creator, fieldsV1: count } },
    ...(owners.some(isOperator) ? [] : [{ op: 'add', path: '/metadata/managedFields/-', value: operator } as const]),
  ];
}

function isCreator({ manager, operation, subresource = '' }: ManagedFields): boolean {
  return manager === fieldManagers.activator && operation === 'Update' && subresource === '';
}

function isOperator({ manager, operation }: ManagedFields): boolean {
  return manager === fieldManagers.operator && operation === 'Apply';
}
