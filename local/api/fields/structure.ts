/**
 * How the parts of an object merge and who can own them, for server-side apply and strategic merge patch. Everything
 * that is not named here behaves as a server without a schema treats it: maps merge by key, lists are replaced whole.
 */
export type Structure =
  /** Replaced and owned as a whole. */
  | { readonly type: 'atomic' }
  /** Merges field by field; `fields` names those that are not what their value suggests. */
  | { readonly type: 'map'; readonly fields: Readonly<Record<string, Structure>>; readonly values?: Structure }
  /** A list of objects, each known by the values of `keys`. */
  | { readonly type: 'list-map'; readonly keys: readonly ListKey[]; readonly items: Structure }
  /** A list of scalars without order or duplicates. */
  | { readonly type: 'list-set' };

export interface ListKey {
  readonly name: string;
  /** What an item without the key counts as having: `protocol: TCP` of a port. */
  readonly default?: string;
}

export const atomic: Structure = { type: 'atomic' };
export const set: Structure = { type: 'list-set' };

export function map(fields: Readonly<Record<string, Structure>> = {}): Structure {
  return { type: 'map', fields };
}

export function listMap(keys: readonly (string | ListKey)[], items: Structure = map()): Structure {
  return { type: 'list-map', keys: keys.map((key) => (typeof key === 'string' ? { name: key } : key)), items };
}

export type JsonObject = Record<string, unknown>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The structure that `value` really has: what `declared` says where the value is of that shape, else by the value. */
export function structureFor(value: unknown, declared: Structure | undefined): Structure {
  const type = declared?.type ?? 'map';
  if (isObject(value)) {
    return declared !== undefined && (type === 'map' || type === 'atomic') ? declared : map();
  }
  return Array.isArray(value) && declared !== undefined && type.startsWith('list-') ? declared : atomic;
}

export function fieldStructure(structure: Structure, name: string): Structure | undefined {
  return structure.type === 'map' ? (structure.fields[name] ?? structure.values) : undefined;
}

/** The part of an item that tells it from the others, in canonical JSON, as `k:` entries of managedFields have it. */
export function itemKey(item: unknown, keys: readonly ListKey[]): string {
  const object = isObject(item) ? item : {};
  const entries = keys.flatMap((key) => {
    const value = object[key.name] ?? key.default;
    return value === undefined ? [] : [[key.name, value] as const];
  });
  return JSON.stringify(Object.fromEntries(entries.sort(([a], [b]) => a.localeCompare(b))));
}

export function deepEqual(a: unknown, b: unknown): boolean {
  if (a === b) {
    return true;
  }
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((item, index) => deepEqual(item, b[index]));
  }
  if (!isObject(a) || !isObject(b)) {
    return false;
  }
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => key in b && deepEqual(a[key], b[key]));
}
