import type { FunctionObject } from '../lib/api/function.ts';
import type { Revision } from '../lib/api/revision.ts';
import type { KubeObject, ObjectMeta, Pod } from '../lib/kube/objects.ts';
import { pick } from '../lib/kube/slim-source.ts';

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
    return {
      ...rest,
      metadata: slimMeta(rest.metadata),
      spec: { source: {}, ...pick(spec, ['scaling', 'queue', 'timeouts']) },
      ...(status === undefined ? {} : { status }),
    } satisfies FunctionObject;
  },
  Revision: (object) => {
    const { spec, apiVersion, kind, metadata } = object as Revision;
    return {
      apiVersion,
      kind,
      metadata: slimMeta(metadata),
      spec: pick(spec, ['functionName', 'image', 'port', 'protocol', 'concurrency']),
    } satisfies Revision;
  },
  Pod: (object) => {
    const { spec, status, ...rest } = object as Pod;
    return {
      ...rest,
      metadata: { ...slimMeta(rest.metadata), ...pick(rest.metadata, ['annotations']) },
      spec: {
        containers: spec.containers.map((container) =>
          pick(container, ['name', 'ports', 'readinessProbe', 'startupProbe']),
        ),
      },
      ...(status === undefined ? {} : { status }),
    } satisfies Pod;
  },
};

function slimMeta(meta: ObjectMeta): ObjectMeta {
  return pick(meta, ['name', 'namespace', 'uid', 'resourceVersion', 'generation', 'labels', 'deletionTimestamp']);
}
