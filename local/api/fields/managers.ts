import type { KubeObject } from '../../../lib/kube/objects.ts';
import { difference, type FieldSet, fieldsOf, isEmpty, union } from './field-set.ts';
import { isObject, itemKey, type JsonObject, type Structure, structureFor, fieldStructure } from './structure.ts';

/** One entry of `metadata.managedFields`. */
export interface ManagedFields {
  readonly manager: string;
  readonly operation: 'Apply' | 'Update';
  readonly apiVersion: string;
  readonly time: string;
  readonly fieldsType: 'FieldsV1';
  readonly fieldsV1: FieldSet;
  readonly subresource?: string;
}

/** Who writes, and through which door. */
export interface Writer {
  readonly manager: string;
  readonly operation: 'Apply' | 'Update';
  readonly subresource?: string;
}

export function managedFieldsOf(object: KubeObject | undefined): ManagedFields[] {
  return (object?.metadata.managedFields ?? []) as ManagedFields[];
}

export function isSameWriter(entry: ManagedFields, writer: Writer): boolean {
  return (
    entry.manager === writer.manager &&
    entry.operation === writer.operation &&
    (entry.subresource ?? '') === (writer.subresource ?? '')
  );
}

/** Server-kept fields that nobody owns. */
const unowned = [
  'managedFields',
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'name',
  'namespace',
];

/** The object without what no manager can own. */
export function ownable(object: KubeObject): JsonObject {
  const { apiVersion: _a, kind: _k, metadata, ...rest } = object as KubeObject & JsonObject;
  const kept = Object.entries(metadata).filter(([name, value]) => !unowned.includes(name) && value !== undefined);
  return kept.length === 0 ? rest : { ...rest, metadata: Object.fromEntries(kept) };
}

/**
 * The ownership after an ordinary write: the writer takes what it changed or added, and whoever owned something that is
 * gone loses it.
 */
export function afterUpdate(
  change: { readonly before: KubeObject | undefined; readonly after: KubeObject },
  structure: Structure,
  entry: Writer & { readonly apiVersion: string; readonly time: string },
): ManagedFields[] {
  const before = change.before === undefined ? {} : ownable(change.before);
  const after = ownable(change.after);
  const changed = differingFields(before, after, structure);
  const present = fieldsOf(after, structure);
  const gone = difference(fieldsOf(before, structure), present);
  const others: ManagedFields[] = [];
  let own: FieldSet = {};
  for (const managed of ownersBefore(change, entry)) {
    if (isSameWriter(managed, entry)) {
      own = managed.fieldsV1;
      continue;
    }
    const kept = difference(difference(managed.fieldsV1, changed), gone);
    if (!isEmpty(kept)) {
      others.push({ ...managed, fieldsV1: kept });
    }
  }
  const fields = union(difference(own, gone), changed);
  return isEmpty(fields) ? others : [...others, makeEntry(entry, fields)];
}

/**
 * A write to the whole object may say itself who owned what before it: one entry without content that nobody did, and what
 * is no list of owners nothing. A create has no before: who creates owns all, whatever it says.
 */
function ownersBefore(
  { before, after }: { readonly before: KubeObject | undefined; readonly after: KubeObject },
  { subresource }: Writer,
): readonly ManagedFields[] {
  const stated: readonly Partial<ManagedFields>[] = managedFieldsOf(after);
  const [first] = stated;
  if (before === undefined || subresource !== undefined || first === undefined) {
    return managedFieldsOf(before);
  }
  if (stated.length === 1 && Object.keys(first).length === 0) {
    return [];
  }
  return stated.every(isEntry) ? stated : managedFieldsOf(before);
}

function isEntry(entry: Partial<ManagedFields>): entry is ManagedFields {
  const { operation, fieldsType, fieldsV1 } = entry;
  return (operation === 'Apply' || operation === 'Update') && fieldsType === 'FieldsV1' && isObject(fieldsV1);
}

export function makeEntry(
  entry: Writer & { readonly apiVersion: string; readonly time: string },
  fields: FieldSet,
): ManagedFields {
  return {
    manager: entry.manager,
    operation: entry.operation,
    apiVersion: entry.apiVersion,
    time: entry.time,
    fieldsType: 'FieldsV1',
    fieldsV1: fields,
    ...(entry.subresource === undefined ? {} : { subresource: entry.subresource }),
  };
}

/** The fields of `after` that `before` lacks or has with another value. */
function differingFields(before: unknown, after: unknown, declared: Structure | undefined): FieldSet {
  const structure = structureFor(after, declared);
  const result: FieldSet = {};
  for (const [segment, value, old, child] of childrenOf(before, after, structure)) {
    if (JSON.stringify(value) === JSON.stringify(old)) {
      continue;
    }
    if (structureFor(value, child).type === 'atomic' || old === undefined) {
      const fields = fieldsOf(value, child);
      result[segment] = segment.startsWith('k:') ? { '.': {}, ...fields } : fields;
      continue;
    }
    const inner = differingFields(old, value, child);
    if (!isEmpty(inner)) {
      result[segment] = inner;
    }
  }
  return result;
}

type Child = readonly [segment: string, value: unknown, old: unknown, structure: Structure | undefined];

function childrenOf(before: unknown, after: unknown, structure: Structure): Child[] {
  if (structure.type === 'map') {
    const old = isObject(before) ? before : {};
    return Object.entries(after as JsonObject).map(([name, value]) => [
      `f:${name}`,
      value,
      old[name],
      fieldStructure(structure, name),
    ]);
  }
  const old = Array.isArray(before) ? (before as unknown[]) : [];
  if (structure.type === 'list-map') {
    return (after as unknown[]).map((item) => {
      const key = itemKey(item, structure.keys);
      return [`k:${key}`, item, old.find((other) => itemKey(other, structure.keys) === key), structure.items];
    });
  }
  if (structure.type === 'list-set') {
    return (after as unknown[]).map((item) => [
      `v:${JSON.stringify(item)}`,
      item,
      old.find((other) => other === item),
      undefined,
    ]);
  }
  return [];
}
