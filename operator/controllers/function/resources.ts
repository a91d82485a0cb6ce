import { defaultPort, functionDefaults, runtimeDefaults } from '../../../lib/api/defaults.ts';
import type { FunctionObject, FunctionSpec, VersionedSpec } from '../../../lib/api/function.ts';
import { annotations, codeConfigMapName, labels, revisionName, serviceName } from '../../../lib/api/names.ts';
import { apiVersion } from '../../../lib/api/resources.ts';
import type { Revision, RevisionSpec } from '../../../lib/api/revision.ts';
import type { ConfigMap, ConfigMapData, Service } from '../../../lib/kube/objects.ts';
import { makeControllerReference } from '../../../lib/kube/owner-reference.ts';
import { canonicalJson, sha256 } from './canonical.ts';
import type { CodeSource, ImageSource } from './source.ts';

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
] as const satisfies readonly (keyof VersionedSpec)[];

/**
 * The Revision of the function as it is now. The same content has the same name, so nothing may enter the spec that does
 * not come from the Function, its code or its Runtime; and a field added to it renames every Revision there is, which
 * starts every function anew at the operator's next upgrade. A golden test watches over both.
 */
export function makeRevision(fn: FunctionObject, source: ImageSource | CodeSource): Revision {
  const spec = makeRevisionSpec(fn, source);
  return {
    apiVersion,
    kind: 'Revision',
    metadata: {
      name: revisionName(fn.metadata.name, sha256(canonicalJson(spec))),
      namespace: fn.metadata.namespace ?? '',
      labels: { [labels.function]: fn.metadata.name },
      annotations: { [annotations.content]: contentSha256(fn, source), [annotations.drain]: drainOf(fn) },
      ownerReferences: [makeControllerReference(fn)],
    },
    spec,
  };
}

export function drainOf({ spec }: FunctionObject): string {
  return spec.timeouts?.drain ?? functionDefaults.timeouts.drain;
}

/** What the function itself says, without what its Runtime adds: tells a change of the one from a change of the other. */
function contentSha256({ spec }: FunctionObject, source: ImageSource | CodeSource): string {
  const code = spec.source.inline ?? (source.kind === 'code' ? source.digest.sha256 : source.image);
  return sha256(canonicalJson({ ...versioned(spec), port: spec.port, protocol: spec.protocol, code }));
}

function makeRevisionSpec(fn: FunctionObject, source: ImageSource | CodeSource): RevisionSpec {
  const { spec } = fn;
  const base = source.kind === 'code' ? runtimePart(source) : { image: source.image, port: defaultPort };
  return {
    // What the Runtime says stands first, and what the function says over it.
    ...base,
    ...versioned(spec),
    functionName: fn.metadata.name,
    port: spec.port ?? base.port,
    protocol: spec.protocol ?? functionDefaults.protocol,
  };
}

type RuntimePart = Pick<RevisionSpec, 'image' | 'port' | 'code' | 'resources' | 'securityContext'>;

function runtimePart({ runtime, digest }: CodeSource): RuntimePart {
  const { image, resources, securityContext } = runtime.spec;
  const { port = runtimeDefaults.port, codePath = runtimeDefaults.codePath } = runtime.spec;
  return {
    image,
    port,
    code: { sha256: digest.sha256, path: codePath, files: [...digest.files] },
    ...(resources === undefined ? {} : { resources }),
    ...(securityContext === undefined ? {} : { securityContext }),
  };
}

/** The versioned fields that say something. Empty says the same as absent, and no limit the same as a limit of 0. */
function versioned({ concurrency, ...spec }: FunctionSpec): Partial<Omit<VersionedSpec, 'source'>> {
  const stated = copied.filter((name) => spec[name] !== undefined && (!isEmpty(spec[name]) || name === emptyCounts));
  const limit = concurrency?.limit ?? functionDefaults.concurrencyLimit;
  return {
    ...Object.fromEntries(stated.map((name) => [name, spec[name]])),
    ...(limit === 0 ? {} : { concurrency: { limit } }),
  };
}

/** `securityContext: {}` asks for a container without the restrictions that it has by default. */
const emptyCounts = 'securityContext';

function isEmpty(value: unknown): boolean {
  return value === '' || (typeof value === 'object' && value !== null && Object.keys(value).length === 0);
}

/** The code, next to the Revision it belongs to: nothing changes it, and it goes with it. */
export function makeCodeConfigMap(revision: Revision, { data = {}, binaryData = {} }: ConfigMapData): ConfigMap {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: codeConfigMapName(revision.metadata.name),
      namespace: revision.metadata.namespace ?? '',
      labels: { [labels.function]: revision.spec.functionName, [labels.revision]: revision.metadata.name },
      ownerReferences: [makeControllerReference(revision)],
    },
    immutable: true,
    ...(isEmpty(data) ? {} : { data }),
    ...(isEmpty(binaryData) ? {} : { binaryData }),
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
      ownerReferences: [makeControllerReference(fn)],
    },
    spec: { type: 'ExternalName', externalName: activatorService },
  };
}
