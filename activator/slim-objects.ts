import type { FunctionObject } from '../lib/api/function.ts';
import type { Revision } from '../lib/api/revision.ts';
import type { KubeObject, ObjectMeta, Pod } from '../lib/kube/objects.ts';

/**
 * What the data path reads of an object; what is of no known kind stays as it is. A Function with its code would otherwise
 * keep up to 256 KiB in memory, where 2 KiB is the aim.
 */
export function slimObject<T extends KubeObject>(object: T): T {
  const slim = slimmers[object.kind];
  return slim === undefined ? object : (slim(object) as T);
}

const slimmers: Readonly<Record<string, (object: KubeObject) => KubeObject>> = {
  Function: (object) => {
    const { spec, status, ...rest } = object as FunctionObject;
    const { scaling, queue, timeouts } = spec;
    return {
      ...rest,
      metadata: slimMeta(rest.metadata),
      spec: {
        source: {},
        ...(scaling === undefined ? {} : { scaling }),
        ...(queue === undefined ? {} : { queue }),
        ...(timeouts === undefined ? {} : { timeouts }),
      },
      ...(status === undefined ? {} : { status }),
    } satisfies FunctionObject;
  },
  Revision: (object) => {
    const { spec, apiVersion, kind, metadata } = object as Revision;
    const { functionName, image, port, protocol, concurrency } = spec;
    return {
      apiVersion,
      kind,
      metadata: slimMeta(metadata),
      spec: { functionName, image, port, protocol, ...(concurrency === undefined ? {} : { concurrency }) },
    } satisfies Revision;
  },
  Pod: (object) => {
    const { spec, status, ...rest } = object as Pod;
    return {
      ...rest,
      metadata: { ...slimMeta(rest.metadata), ...pick(rest.metadata, 'annotations') },
      spec: {
        containers: spec.containers.map((container) =>
          pick(container, 'name', 'ports', 'readinessProbe', 'startupProbe'),
        ),
      },
      ...(status === undefined ? {} : { status }),
    } satisfies Pod;
  },
};

function slimMeta(meta: ObjectMeta): ObjectMeta {
  return pick(meta, 'name', 'namespace', 'uid', 'resourceVersion', 'generation', 'labels', 'deletionTimestamp');
}

function pick<T extends object, K extends keyof T>(object: T, ...keys: K[]): Pick<T, K> {
  return Object.fromEntries(keys.filter((key) => object[key] !== undefined).map((key) => [key, object[key]])) as Pick<
    T,
    K
  >;
}
