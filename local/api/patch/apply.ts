import type { KubeObject } from '../../../lib/kube/objects.ts';
import {
  changedFields,
  difference,
  type FieldSet,
  fieldsOf,
  intersection,
  isEmpty,
  pathsOf,
  removeFields,
  union,
} from '../fields/field-set.ts';
import {
  isSameWriter,
  makeEntry,
  type ManagedFields,
  managedFieldsOf,
  ownable,
  type Writer,
} from '../fields/managers.ts';
import {
  isObject,
  itemKey,
  type JsonObject,
  type Structure,
  fieldStructure,
  structureFor,
} from '../fields/structure.ts';
import { refuse } from '../status.ts';

export interface ApplyRequest {
  /** What the manager wants, complete: what it owned and leaves out here is given up. */
  readonly intent: KubeObject;
  readonly live: KubeObject | undefined;
  readonly structure: Structure;
  readonly writer: Writer & { readonly apiVersion: string; readonly time: string };
  readonly force: boolean;
}

/**
 * Server-side apply (KEP-555): the merged object with its new managedFields.
 * @throws StatusError Conflict when another manager owns a field with another value and `force` is not set.
 */
export function applyIntent(request: ApplyRequest): KubeObject {
  const { intent, live, structure, writer } = request;
  const wanted = ownable(intent);
  const fields = fieldsOf(wanted, structure);
  const managed = managedFieldsOf(live);
  const own = managed.find((entry) => isSameWriter(entry, writer));
  const others = managed.filter((entry) => entry !== own);
  const liveFields = live === undefined ? {} : ownable(live);

  const kept = resolveConflicts(request, { fields, wanted, liveFields, others });
  const merged = merge(liveFields, wanted, structure) as JsonObject;
  const owned = kept.reduce((all, entry) => union(all, entry.fieldsV1), fields);
  const givenUp = { set: difference(own?.fieldsV1 ?? {}, owned), owned };
  // What is given up may leave a map empty that is wanted so.
  const result = merge(removeFields(merged, givenUp, structure), wanted, structure) as JsonObject;

  const metadata = { ...live?.metadata, ...(result['metadata'] as object | undefined) };
  dropRemovedMetadata(metadata, result['metadata'] as JsonObject | undefined);
  const unchanged = own !== undefined && JSON.stringify(own.fieldsV1) === JSON.stringify(fields);
  const entry = unchanged ? own : makeEntry(writer, fields);
  return {
    ...result,
    apiVersion: intent.apiVersion,
    kind: intent.kind,
    metadata: {
      ...metadata,
      name: intent.metadata.name,
      ...(intent.metadata.namespace === undefined ? {} : { namespace: intent.metadata.namespace }),
      managedFields: isEmpty(fields) ? kept : [...kept, entry],
    },
  };
}

/** `metadata` was spread from the live object: a map that the apply emptied must not come back with it. */
function dropRemovedMetadata(metadata: JsonObject, result: JsonObject | undefined): void {
  for (const name of ['labels', 'annotations', 'ownerReferences', 'finalizers']) {
    if (result?.[name] === undefined) {
      Reflect.deleteProperty(metadata, name);
    }
  }
}

interface Claims {
  readonly fields: FieldSet;
  readonly wanted: JsonObject;
  readonly liveFields: JsonObject;
  readonly others: readonly ManagedFields[];
}

/** The other managers' entries after the apply: fields with the same value are shared, others are taken by force. */
function resolveConflicts({ structure, force }: ApplyRequest, claims: Claims): ManagedFields[] {
  const contested = claims.others.map((entry) => {
    const both = intersection(entry.fieldsV1, claims.fields);
    return changedFields(both, claims.liveFields, claims.wanted, structure);
  });
  const conflicts = claims.others.flatMap((entry, index) =>
    pathsOf(contested[index] ?? {}).map((field) => ({ entry, field })),
  );
  if (conflicts.length > 0 && !force) {
    throw makeConflict(conflicts);
  }
  return claims.others.flatMap((entry, index) => {
    const rest = difference(entry.fieldsV1, contested[index] ?? {});
    return isEmpty(rest) ? [] : [{ ...entry, fieldsV1: rest }];
  });
}

function makeConflict(conflicts: readonly { readonly entry: ManagedFields; readonly field: string }[]): Error {
  const causes = conflicts.map(({ entry, field }) => ({
    reason: 'FieldManagerConflict',
    message: `conflict with ${describeWriter(entry)}`,
    field,
  }));
  const first = causes[0];
  const message =
    causes.length === 1 && first !== undefined
      ? `Apply failed with 1 conflict: ${first.message}: ${first.field}`
      : `Apply failed with ${causes.length} conflicts:${causes.map((cause) => `\n${cause.message}: ${cause.field}`).join('')}`;
  return refuse('Conflict', message, { causes });
}

function describeWriter(entry: ManagedFields): string {
  const subresource = entry.subresource === undefined ? '' : ` with subresource "${entry.subresource}"`;
  return entry.operation === 'Apply'
    ? `"${entry.manager}"${subresource}`
    : `"${entry.manager}"${subresource} using ${entry.apiVersion}`;
}

/** `live` with everything that `intent` states put over it. */
function merge(live: unknown, intent: unknown, declared: Structure | undefined): unknown {
  const structure = structureFor(intent, declared);
  switch (structure.type) {
    case 'map':
      return isObject(live) ? mergeMaps(live, intent as JsonObject, structure) : intent;
    case 'list-map':
      return Array.isArray(live) ? mergeLists(live, intent as unknown[], structure) : intent;
    case 'list-set': {
      const present = Array.isArray(live) ? (live as unknown[]) : [];
      return [...present, ...(intent as unknown[]).filter((item) => !present.includes(item))];
    }
    case 'atomic':
      return intent;
  }
}

function mergeMaps(live: JsonObject, intent: JsonObject, structure: Structure): JsonObject {
  const result = { ...live };
  for (const [name, value] of Object.entries(intent)) {
    result[name] = merge(live[name], value, fieldStructure(structure, name));
  }
  return result;
}

/** In the order of the intent; an item that only `live` has stays before the one that it preceded there. */
function mergeLists(
  live: readonly unknown[],
  intent: readonly unknown[],
  structure: Structure & { type: 'list-map' },
): unknown[] {
  const keyOf = (item: unknown): string => itemKey(item, structure.keys);
  const wanted = new Set(intent.map(keyOf));
  const isKept = (item: unknown): boolean => !wanted.has(keyOf(item));
  const result: unknown[] = [];
  let position = 0;
  for (const item of intent) {
    const at = live.findIndex((other) => keyOf(other) === keyOf(item));
    if (at >= position) {
      result.push(...live.slice(position, at).filter(isKept));
      position = at + 1;
    }
    result.push(at < 0 ? item : merge(live[at], item, structure.items));
  }
  return [...result, ...live.slice(position).filter(isKept)];
}
