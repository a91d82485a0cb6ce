import type { PodTemplateSpec } from '../../../lib/kube/objects.ts';

type JsonObject = Record<string, unknown>;

/** The lists of a Pod template whose items have names: strategic merge finds an item by this field. */
const mergeKeys: Readonly<Record<string, string>> = {
  containers: 'name',
  initContainers: 'name',
  env: 'name',
  volumes: 'name',
  volumeMounts: 'mountPath',
  ports: 'containerPort',
  imagePullSecrets: 'name',
  hostAliases: 'ip',
  topologySpreadConstraints: 'topologyKey',
};

/** `override` strategic-merged over the generated template: named items merge, other lists are replaced, null removes. */
export function mergePodTemplate(
  template: PodTemplateSpec,
  override: Readonly<JsonObject> | undefined,
): PodTemplateSpec {
  return override === undefined ? template : (mergeValue(template, override, undefined) as PodTemplateSpec);
}

function mergeValue(base: unknown, patch: unknown, key: string | undefined): unknown {
  if (Array.isArray(patch)) {
    return Array.isArray(base) && key !== undefined ? mergeList(base, patch, key) : patch;
  }
  if (!isObject(patch)) {
    return patch;
  }
  const result: JsonObject = isObject(base) ? { ...base } : {};
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) {
      Reflect.deleteProperty(result, name);
    } else {
      result[name] = mergeValue(result[name], value, mergeKeys[name]);
    }
  }
  return result;
}

function mergeList(base: readonly unknown[], patch: readonly unknown[], key: string): unknown[] {
  const result = [...base];
  for (const item of patch) {
    const index = result.findIndex((other) => isObject(other) && isObject(item) && other[key] === item[key]);
    if (index < 0) {
      result.push(item);
    } else if (isObject(item) && item['$patch'] === 'delete') {
      result.splice(index, 1);
    } else {
      result[index] = mergeValue(result[index], item, undefined);
    }
  }
  return result;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Settings that give a Pod power over its node, as paths of the override; a platform does not hand them out by default. */
export function forbiddenFields(override: Readonly<JsonObject> | undefined): string[] {
  const spec = isObject(override?.['spec']) ? override['spec'] : {};
  const host = ['hostNetwork', 'hostPID', 'hostIPC']
    .filter((name) => spec[name] === true)
    .map((name) => `spec.${name}`);
  const containers = [...listOf(spec['containers']), ...listOf(spec['initContainers'])];
  const privileged = containers.some((container) => {
    const context = container['securityContext'];
    return isObject(context) && context['privileged'] === true;
  });
  return privileged ? [...host, 'spec.containers[].securityContext.privileged'] : host;
}

function listOf(value: unknown): JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}
