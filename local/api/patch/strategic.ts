import {
  fieldStructure,
  isObject,
  type JsonObject,
  type ListKey,
  type Structure,
  structureFor,
} from '../fields/structure.ts';

/**
 * Strategic merge patch of the built-in kinds: as a merge patch, but lists of named items merge by name. Directives:
 * `$patch: replace|delete`, `$setElementOrder/…`, `$deleteFromPrimitiveList/…`, `$retainKeys`.
 */
export function strategicMerge(target: unknown, patch: unknown, declared: Structure | undefined): unknown {
  if (!isObject(patch)) {
    return patch;
  }
  if (patch['$patch'] === 'replace') {
    return withoutDirectives(patch);
  }
  const base: JsonObject = isObject(target) ? { ...target } : {};
  const structure = structureFor(patch, declared);
  retainKeys(base, patch);
  for (const [name, value] of Object.entries(patch)) {
    if (!name.startsWith('$')) {
      mergeField(base, name, { value, patch, structure: fieldStructure(structure, name) });
    }
  }
  deletePrimitives(base, patch);
  return base;
}

interface FieldPatch {
  readonly value: unknown;
  /** The patch around the field, for `$setElementOrder/NAME`. */
  readonly patch: JsonObject;
  readonly structure: Structure | undefined;
}

function mergeField(base: JsonObject, name: string, { value, patch, structure }: FieldPatch): void {
  if (value === null) {
    Reflect.deleteProperty(base, name);
  } else if (Array.isArray(value)) {
    const present = Array.isArray(base[name]) ? (base[name] as unknown[]) : [];
    const merged = mergeList(present, value, structure);
    base[name] = inOrder(merged, patch[`$setElementOrder/${name}`], structure);
  } else {
    base[name] = strategicMerge(base[name], value, structure);
  }
}

function mergeList(target: readonly unknown[], patch: readonly unknown[], structure: Structure | undefined): unknown[] {
  if (structure?.type === 'list-set') {
    return [...new Set([...target, ...patch])];
  }
  const key = mergeKey(structure);
  if (structure?.type !== 'list-map' || key === undefined) {
    return patch.filter((item) => !isDirective(item)).map((item) => withoutDirectives(item));
  }
  if (patch.some((item) => isObject(item) && item['$patch'] === 'replace')) {
    return patch.filter((item) => !isDirective(item));
  }
  return patch.reduce<unknown[]>(
    (result, item) => mergeItem(result, item, { key: key.name, structure: structure.items }),
    [...target],
  );
}

interface ItemRule {
  /** The field that tells items apart. */
  readonly key: string;
  readonly structure: Structure;
}

function mergeItem(list: readonly unknown[], item: unknown, { key, structure }: ItemRule): unknown[] {
  const id = isObject(item) ? item[key] : undefined;
  const index = list.findIndex((other) => isObject(other) && other[key] === id);
  if (isObject(item) && item['$patch'] === 'delete') {
    return list.filter((_, position) => position !== index);
  }
  const merged = strategicMerge(index < 0 ? {} : list[index], item, structure);
  return index < 0 ? [...list, merged] : list.with(index, merged);
}

/** Strategic merge knows an item by one key: `containerPort` of a port, without its protocol. */
function mergeKey(structure: Structure | undefined): ListKey | undefined {
  return structure?.type === 'list-map' ? structure.keys[0] : undefined;
}

function isDirective(item: unknown): boolean {
  return isObject(item) && '$patch' in item && Object.keys(item).length === 1;
}

function withoutDirectives(value: unknown): unknown {
  return isObject(value) ? Object.fromEntries(Object.entries(value).filter(([name]) => !name.startsWith('$'))) : value;
}

/** Items that the order names come as it says; others keep their places behind the one they followed. */
function inOrder(items: unknown[], order: unknown, structure: Structure | undefined): unknown[] {
  if (!Array.isArray(order)) {
    return items;
  }
  const key = mergeKey(structure)?.name;
  const idOf = (item: unknown): unknown => (key !== undefined && isObject(item) ? item[key] : item);
  const wanted = order.map(idOf);
  const ranked = items.map((item, index) => {
    const rank = wanted.indexOf(idOf(item));
    return { item, rank: rank < 0 ? wanted.length + index : rank };
  });
  return ranked.sort((a, b) => a.rank - b.rank).map(({ item }) => item);
}

function retainKeys(base: JsonObject, patch: JsonObject): void {
  const retained = patch['$retainKeys'];
  if (Array.isArray(retained)) {
    Object.keys(base)
      .filter((name) => !retained.includes(name))
      .forEach((name) => Reflect.deleteProperty(base, name));
  }
}

const primitiveList = '$deleteFromPrimitiveList/';

function deletePrimitives(base: JsonObject, patch: JsonObject): void {
  for (const [directive, removed] of Object.entries(patch)) {
    const name = directive.slice(primitiveList.length);
    if (directive.startsWith(primitiveList) && Array.isArray(removed) && Array.isArray(base[name])) {
      base[name] = (base[name] as unknown[]).filter((item) => !removed.includes(item));
    }
  }
}
