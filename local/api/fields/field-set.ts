import { fieldStructure, isObject, itemKey, type JsonObject, type Structure, structureFor } from './structure.ts';

/**
 * A set of fields as a tree in the format of managedFields (`FieldsV1`): `f:name` a field of a map, `k:{…}` an item of a
 * list by its keys, `v:…` a scalar of a set, `.` the thing itself. A leaf is `{}`.
 */
export interface FieldSet {
  [segment: string]: FieldSet;
}

const self = '.';

/** The set of all fields that `value` has. */
export function fieldsOf(value: unknown, declared: Structure | undefined): FieldSet {
  const structure = structureFor(value, declared);
  switch (structure.type) {
    case 'atomic':
      return {};
    case 'map': {
      const entries = Object.entries(value as JsonObject);
      return Object.fromEntries(
        entries.map(([name, field]) => [`f:${name}`, fieldsOf(field, fieldStructure(structure, name))]),
      );
    }
    case 'list-map':
      return Object.fromEntries(
        (value as unknown[]).map((item) => [
          `k:${itemKey(item, structure.keys)}`,
          { [self]: {}, ...fieldsOf(item, structure.items) },
        ]),
      );
    case 'list-set':
      return Object.fromEntries((value as unknown[]).map((item) => [`v:${JSON.stringify(item)}`, {}]));
  }
}

export function isEmpty(set: FieldSet): boolean {
  return Object.keys(set).length === 0;
}

export function union(a: FieldSet, b: FieldSet): FieldSet {
  const result: FieldSet = { ...a };
  for (const [segment, child] of Object.entries(b)) {
    const own = result[segment];
    result[segment] = own === undefined ? child : union(own, child);
  }
  return result;
}

/** The fields of `a` that are not in `b`. A branch that loses all its leaves goes too; a leaf of `b` is only that leaf. */
export function difference(a: FieldSet, b: FieldSet): FieldSet {
  const result: FieldSet = {};
  for (const [segment, child] of Object.entries(a)) {
    const other = b[segment];
    if (other === undefined) {
      result[segment] = child;
      continue;
    }
    const rest = difference(child, other);
    if (!isEmpty(rest)) {
      result[segment] = rest;
    }
  }
  return result;
}

/** The leaves that are in both. */
export function intersection(a: FieldSet, b: FieldSet): FieldSet {
  const result: FieldSet = {};
  for (const [segment, child] of Object.entries(a)) {
    const other = b[segment];
    if (other === undefined) {
      continue;
    }
    const both = intersection(child, other);
    if (!isEmpty(both) || (isEmpty(child) && isEmpty(other))) {
      result[segment] = both;
    }
  }
  return result;
}

/** Every leaf as a path: `.spec.template.spec.containers[name="app"].image`, the way conflicts are reported. */
export function pathsOf(set: FieldSet, prefix = ''): string[] {
  return Object.entries(set).flatMap(([segment, child]) => {
    if (segment === self) {
      return isEmpty(difference(set, { [self]: {} })) ? [prefix] : [];
    }
    const path = prefix + renderSegment(segment);
    return isEmpty(child) ? [path] : pathsOf(child, path);
  });
}

/** `f:name`, `k:{…}`, `v:…` as part of a path. */
export function renderSegment(segment: string): string {
  const rest = segment.slice(2);
  if (segment.startsWith('f:')) {
    return `.${rest}`;
  }
  if (segment.startsWith('k:')) {
    const keys = Object.entries(JSON.parse(rest) as JsonObject);
    return `[${keys.map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(',')}]`;
  }
  return `[=${rest}]`;
}

/** The leaves of `set` whose values differ between the two objects; a leaf that one of them lacks differs. */
export function changedFields(set: FieldSet, a: unknown, b: unknown, declared: Structure | undefined): FieldSet {
  const result: FieldSet = {};
  for (const [segment, child] of Object.entries(set)) {
    if (segment === self) {
      continue;
    }
    const structure = structureFor(a ?? b, declared);
    const [left, right] = [childValue(a, segment, structure), childValue(b, segment, structure)];
    if (isEmpty(child)) {
      if (JSON.stringify(left) !== JSON.stringify(right)) {
        result[segment] = {};
      }
      continue;
    }
    const rest = changedFields(child, left, right, childStructure(structure, segment));
    if (!isEmpty(rest)) {
      result[segment] = rest;
    }
  }
  return result;
}

/** What a segment leads to in `value`. */
function childValue(value: unknown, segment: string, structure: Structure): unknown {
  const rest = segment.slice(2);
  if (segment.startsWith('f:')) {
    return isObject(value) ? value[rest] : undefined;
  }
  if (!Array.isArray(value)) {
    return undefined;
  }
  if (segment.startsWith('k:') && structure.type === 'list-map') {
    return value.find((item) => itemKey(item, structure.keys) === rest);
  }
  return value.find((item) => JSON.stringify(item) === rest);
}

function childStructure(structure: Structure, segment: string): Structure | undefined {
  if (segment.startsWith('f:')) {
    return fieldStructure(structure, segment.slice(2));
  }
  return structure.type === 'list-map' ? structure.items : undefined;
}

export interface Removal {
  /** What goes. */
  readonly set: FieldSet;
  /** What somebody still owns: an item of a list goes whole, with what nobody owns in it, unless something of it is here. */
  readonly owned: FieldSet;
}

/** `value` without the leaves of a set; a map or list that becomes empty by that goes too. */
export function removeFields(value: unknown, { set, owned }: Removal, declared: Structure | undefined): unknown {
  const structure = structureFor(value, declared);
  if (structure.type === 'map') {
    return removeFromMap(value as JsonObject, { set, owned }, structure);
  }
  if (structure.type === 'list-map') {
    return removeFromList(value as JsonObject[], { set, owned }, structure);
  }
  if (structure.type === 'list-set') {
    return (value as unknown[]).filter((item) => set[`v:${JSON.stringify(item)}`] === undefined);
  }
  return value;
}

function removeFromMap(value: JsonObject, { set, owned }: Removal, structure: Structure): JsonObject {
  const result: JsonObject = {};
  for (const [name, field] of Object.entries(value)) {
    const child = set[`f:${name}`];
    if (child === undefined) {
      result[name] = field;
    } else if (!isEmpty(child)) {
      const removal = { set: child, owned: owned[`f:${name}`] ?? {} };
      const rest = removeFields(field, removal, fieldStructure(structure, name));
      if (!isHollow(rest)) {
        result[name] = rest;
      }
    }
  }
  return result;
}

function removeFromList(
  value: readonly JsonObject[],
  { set, owned }: Removal,
  structure: Structure & { type: 'list-map' },
): JsonObject[] {
  return value.flatMap((item) => {
    const segment = `k:${itemKey(item, structure.keys)}`;
    const child = set[segment];
    if (child === undefined) {
      return [item];
    }
    const others = owned[segment];
    if (others === undefined && (isEmpty(child) || child[self] !== undefined)) {
      return [];
    }
    const removal = { set: difference(child, { [self]: {} }), owned: others ?? {} };
    const rest = removeFields(item, removal, structure.items) as JsonObject;
    // As long as an item is there it is known by its keys, whoever stated them.
    const keys = structure.keys.filter(({ name }) => name in item).map(({ name }) => [name, item[name]] as const);
    return [{ ...rest, ...Object.fromEntries(keys) }];
  });
}

/** Emptied by the removal: a map or list without anything in it. */
function isHollow(value: unknown): boolean {
  return Array.isArray(value) ? value.length === 0 : isObject(value) && Object.keys(value).length === 0;
}
