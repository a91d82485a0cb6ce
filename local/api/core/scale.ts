import type { KubeObject, Scale } from '../../../lib/kube/objects.ts';
import { isObject, type JsonObject } from '../fields/structure.ts';
import type { Kind } from '../kinds/kind.ts';
import { invalid, refuse } from '../status.ts';

/** The object seen through its scale subresource. @throws StatusError NotFound when the kind has none */
export function readScale(kind: Kind, object: KubeObject): Scale {
  const paths = scalePaths(kind);
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const selector = paths.selector === undefined ? undefined : renderSelector(read(object, paths.selector));
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      ...(uid === undefined ? {} : { uid }),
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
      ...(creationTimestamp === undefined ? {} : { creationTimestamp }),
    },
    spec: { replicas: numberAt(object, paths.spec) },
    status: { replicas: numberAt(object, paths.status), ...(selector === undefined ? {} : { selector }) },
  };
}

/** The object with what a Scale says. @throws StatusError Invalid */
export function writeScale(kind: Kind, object: KubeObject, scale: Pick<Scale, 'spec'>): KubeObject {
  const replicas = scale.spec.replicas ?? 0;
  if (!Number.isInteger(replicas) || replicas < 0) {
    const message = `Invalid value: ${replicas}: must be greater than or equal to 0`;
    throw invalid(kind, object.metadata.name, [{ field: 'spec.replicas', reason: 'FieldValueInvalid', message }]);
  }
  return assign(object as KubeObject & JsonObject, scalePaths(kind).spec, replicas) as KubeObject & JsonObject;
}

function scalePaths(kind: Kind): NonNullable<Kind['scale']> {
  if (kind.scale === undefined) {
    throw refuse('NotFound', 'the server could not find the requested resource');
  }
  return kind.scale;
}

function read(object: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((value, name) => (isObject(value) ? value[name] : undefined), object);
}

function numberAt(object: KubeObject, path: readonly string[]): number {
  const value = read(object, path);
  return typeof value === 'number' ? value : 0;
}

function assign(object: JsonObject, [name = '', ...rest]: readonly string[], value: unknown): JsonObject {
  const child = object[name];
  return { ...object, [name]: rest.length === 0 ? value : assign(isObject(child) ? child : {}, rest, value) };
}

function renderSelector(selector: unknown): string | undefined {
  if (typeof selector === 'string') {
    return selector;
  }
  const labels = isObject(selector) && isObject(selector['matchLabels']) ? selector['matchLabels'] : undefined;
  return labels === undefined
    ? undefined
    : Object.entries(labels)
        .map(([name, value]) => `${name}=${String(value)}`)
        .join(',');
}
