import type { ConfigMap, KubeObject, ObjectMeta, Pod, Service } from '../lib/kube/objects.ts';
import { configMaps, type Resource } from '../lib/kube/resources.ts';
import { pick } from '../lib/kube/slim-source.ts';
import { type CodeDigest, digestCode } from './controllers/function/code.ts';

/** What the operator keeps of a ConfigMap: of ten thousand functions' code the digests, not the bytes. */
export interface CachedConfigMap extends KubeObject {
  readonly digest: CodeDigest;
}

/** ConfigMaps as {@link slimObject} leaves them. */
export const cachedConfigMaps: Resource<CachedConfigMap> = {
  group: configMaps.group,
  version: configMaps.version,
  plural: configMaps.plural,
  kind: configMaps.kind,
  namespaced: configMaps.namespaced,
};

/** Only what reconcilers read stays in memory. By kind; what is of no known kind stays as it is. */
export function slimObject<T extends KubeObject>(object: T): T {
  return (slimmers[object.kind]?.(object) ?? object) as T;
}

const slimmers: Readonly<Record<string, (object: KubeObject) => KubeObject>> = {
  ConfigMap: (object) => {
    const { apiVersion, kind, metadata, data = {}, binaryData = {} } = object as ConfigMap;
    const digest = digestCode({ data, binaryData });
    return { apiVersion, kind, metadata: slimMeta(metadata), digest } satisfies CachedConfigMap as KubeObject;
  },
  Service: (object) => {
    const { apiVersion, kind, metadata, spec } = object as Service;
    const slimSpec = pick(spec, ['type', 'externalName']);
    return { apiVersion, kind, metadata: slimMeta(metadata), spec: slimSpec } satisfies Service as KubeObject;
  },
  Pod: (object) => {
    const { apiVersion, kind, metadata, status = {} } = object as Pod;
    return {
      apiVersion,
      kind,
      metadata: slimMeta(metadata),
      spec: { containers: [] },
      status: pick(status, ['phase', 'conditions', 'containerStatuses', 'initContainerStatuses']),
    } satisfies Pod as KubeObject;
  },
};

function slimMeta(meta: ObjectMeta): ObjectMeta {
  return pick(meta, ['name', 'namespace', 'uid', 'resourceVersion', 'labels', 'ownerReferences', 'deletionTimestamp']);
}
