import type { PodTemplateSpec } from '../../../lib/kube/objects.ts';

type JsonObject = Readonly<Record<string, unknown>>;

/**
 * The lists of a Pod template whose items have an identity, and the field that is it (`patchMergeKey` of the Kubernetes API).
 * All other lists are replaced as a whole.
 */
const mergeKeys: Readonly<Record<string, string>> = {
  containers: 'name',
  initContainers: 'name',
  env: 'name',
  volumes: 'name',
  volumeMounts: 'mountPath',
  volumeDevices: 'devicePath',
  ports: 'containerPort',
  imagePullSecrets: 'name',
  hostAliases: 'ip',
  topologySpreadConstraints: 'topologyKey',
};

/** Says of an item or object that it is to go (`delete`), or to stand instead of what was there (`replace`). */
const directive = '$patch';

/**
 * `override` strategic-merged over the generated template, as `kubectl patch` would: fields merge, items with the same key
 * merge, new ones are appended, null removes. What the result must not say is for the API server to find.
 */
export function mergePodTemplate(template: PodTemplateSpec, override: JsonObject | undefined): PodTemplateSpec {
  return override === undefined ? template : mergeObject(template, override);
}

function mergeObject(base: object, { [directive]: how, ...patch }: JsonObject): JsonObject {
  const result: Record<string, unknown> = how === 'replace' ? {} : { ...base };
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) {
      Reflect.deleteProperty(result, name);
    } else {
      result[name] = mergeField(result[name], value, mergeKeys[name]);
    }
  }
  return result;
}

function mergeField(base: unknown, patch: unknown, key: string | undefined): unknown {
  if (Array.isArray(patch)) {
    return key === undefined ? patch : mergeList(Array.isArray(base) ? base : [], patch, key);
  }
  return isObject(patch) ? mergeObject(isObject(base) ? base : {}, patch) : patch;
}

function mergeList(base: readonly unknown[], patch: readonly unknown[], key: string): readonly unknown[] {
  // An item that is nothing but the directive speaks for the list.
  const isReplacement = patch.some((item) => isObject(item) && item[directive] === 'replace' && !(key in item));
  const result = isReplacement ? [] : [...base];
  for (const item of patch.filter(isObject)) {
    mergeItem(result, item, key);
  }
  return result;
}

function mergeItem(list: unknown[], item: JsonObject, key: string): void {
  if (item[directive] === 'replace' && !(key in item)) {
    return;
  }
  const index = list.findIndex((other) => isObject(other) && key in item && other[key] === item[key]);
  if (item[directive] === 'delete') {
    list.splice(index, index < 0 ? 0 : 1);
  } else if (index < 0) {
    list.push(mergeObject({}, item));
  } else {
    list[index] = mergeObject(list[index] as object, item);
  }
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
