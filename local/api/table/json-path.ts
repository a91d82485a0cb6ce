import { isObject } from '../fields/structure.ts';

const step =
  /\.(?<name>[^.[\]]+)|\[\?\(@\.(?<key>[^=!<>\s]+)\s*==\s*["'](?<wanted>[^"']*)["']\)\]|\[(?<index>[0-9]+|\*)\]|\['(?<quoted>[^']+)'\]/gu;

/** The subset of JSONPath that printer columns use: `.a.b`, `[0]`, `[*]`, `['x.y']`, `[?(@.type=="Ready")]`. The first match counts. */
export function readJsonPath(object: unknown, path: string): unknown {
  let values: unknown[] = [object];
  for (const { groups = {} } of path.matchAll(step)) {
    values = values.flatMap((value) => take(value, groups));
  }
  return values[0];
}

function take(value: unknown, groups: Readonly<Record<string, string | undefined>>): unknown[] {
  const name = groups['name'] ?? groups['quoted'];
  if (name !== undefined) {
    return isObject(value) && value[name] !== undefined ? [value[name]] : [];
  }
  if (!Array.isArray(value)) {
    return [];
  }
  const { key, wanted, index } = groups;
  if (key !== undefined) {
    return value.filter((item) => isObject(item) && item[key] === wanted);
  }
  return index === '*' ? value : value.slice(Number(index), Number(index) + 1);
}
