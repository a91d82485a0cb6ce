import { functionDefaults, defaultPort, runtimeDefaults } from '../../../lib/api/defaults.ts';
import type { FunctionObject, FunctionSpec, VersionedSpec } from '../../../lib/api/function.ts';
import { codeConfigMapName, labels, revisionName, serviceName } from '../../../lib/api/names.ts';
import { apiVersion } from '../../../lib/api/resources.ts';
import type { Revision, RevisionSpec } from '../../../lib/api/revision.ts';
import type { ConfigMap, Service } from '../../../lib/kube/objects.ts';
import { makeOwnerReference } from '../owner.ts';
import { canonicalJson, sha256 } from './canonical.ts';
import type { Code, Source } from './source.ts';

type RunnableSource = Exclude<Source, { kind: 'missing' }>;

/** The versioned fields that a Revision takes as they are. */
const copied = [
  'runtime',
  'handler',
  'command',
  'args',
  'env',
  'envFrom',
  'resources',
  'serviceAccountName',
  'volumes',
  'volumeMounts',
  'securityContext',
  'readinessProbe',
  'livenessProbe',
  'startupProbe',
  'nodeSelector',
  'tolerations',
  'affinity',
  'topologySpreadConstraints',
  'priorityClassName',
  'runtimeClassName',
  'imagePullSecrets',
  'podTemplate',
  'concurrency',
] as const satisfies readonly (keyof VersionedSpec)[];

/** The Revision of the function as it is now: the same content has the same name. */
export function makeRevision(fn: FunctionObject, source: RunnableSource): Revision {
  const spec = makeRevisionSpec(fn, source);
  return {
    apiVersion,
    kind: 'Revision',
    metadata: {
      name: revisionName(fn.metadata.name, sha256(canonicalJson(spec))),
      namespace: fn.metadata.namespace ?? '',
      labels: { [labels.function]: fn.metadata.name },
      ownerReferences: [makeOwnerReference(fn)],
    },
    spec,
  };
}

function makeRevisionSpec(fn: FunctionObject, source: RunnableSource): RevisionSpec {
  const { spec } = fn;
  const base = source.kind === 'code' ? runtimePart(source) : { image: source.image, port: defaultPort };
  return {
    // What the Runtime says stands first, and what the function says over it.
    ...base,
    ...pick(spec),
    functionName: fn.metadata.name,
    port: spec.port ?? base.port,
    protocol: spec.protocol ?? functionDefaults.protocol,
  };
}

type RuntimePart = Pick<RevisionSpec, 'image' | 'port' | 'code' | 'resources' | 'securityContext'>;

function runtimePart({ runtime, code }: RunnableSource & { kind: 'code' }): RuntimePart {
  const {
    image,
    port = runtimeDefaults.port,
    codePath = runtimeDefaults.codePath,
    resources,
    securityContext,
  } = runtime.spec;
  return {
    image,
    port,
    code: { sha256: code.sha256, path: codePath, files: [...code.files] },
    ...(resources === undefined ? {} : { resources }),
    ...(securityContext === undefined ? {} : { securityContext }),
  };
}

function pick(spec: FunctionSpec): Partial<VersionedSpec> {
  const entries = copied.flatMap((name) => (spec[name] === undefined ? [] : [[name, spec[name]] as const]));
  return Object.fromEntries(entries);
}

/** The code, next to the Revision it belongs to: nothing changes it, and it goes with it. */
export function makeCodeConfigMap(revision: Revision, code: Code): ConfigMap {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: codeConfigMapName(revision.metadata.name),
      namespace: revision.metadata.namespace ?? '',
      labels: { [labels.function]: revision.spec.functionName, [labels.revision]: revision.metadata.name },
      ownerReferences: [makeOwnerReference(revision)],
    },
    immutable: true,
    data: { ...code.data },
    ...(Object.keys(code.binaryData).length === 0 ? {} : { binaryData: { ...code.binaryData } }),
  };
}

/** Makes `http://hello.shop` reach the activator from inside the cluster. */
export function makeService(fn: FunctionObject, activatorService: string): Service {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name: serviceName(fn.metadata.name),
      namespace: fn.metadata.namespace ?? '',
      labels: { [labels.function]: fn.metadata.name },
      ownerReferences: [makeOwnerReference(fn)],
    },
    spec: { type: 'ExternalName', externalName: activatorService },
  };
}
