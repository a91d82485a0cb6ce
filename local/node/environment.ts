import type { Pod } from '../../lib/kube/objects.ts';
import { parseQuantity } from '../../lib/kube/quantity.ts';
import type { Container } from './mounts.ts';
import { podIp } from './pod-status.ts';
import { readSource, type SourceName, type Sources } from './sources.ts';

export type Environment = Readonly<Record<string, string>>;

/** Thrown when something the container refers to is not there (yet): the kubelet's CreateContainerConfigError. */
export class MissingSourceError extends Error {
  override readonly name = 'MissingSourceError';
}

/** The container's variables: `envFrom` first, then `env` in order, `$(NAME)` replaced by what came before. */
export function makeEnvironment(pod: Pod, container: Container, sources: Sources): Environment {
  const env: Record<string, string> = {};
  for (const source of container.envFrom ?? []) {
    Object.assign(env, readAll(source, sources));
  }
  for (const variable of container.env ?? []) {
    const value =
      variable.valueFrom === undefined
        ? expand(variable.value ?? '', env)
        : readOne(variable.valueFrom, { pod, container, sources });
    if (value !== undefined) {
      env[variable.name] = value;
    }
  }
  return env;
}

const reference = /\$\$|\$\((?<name>[^()$]+)\)/gu;

/** `$(NAME)` becomes the value of NAME where there is one; `$$` is a dollar sign. */
export function expand(text: string, env: Environment): string {
  return text.replaceAll(reference, (whole: string, name: string | undefined) =>
    name === undefined ? '$' : (env[name] ?? whole),
  );
}

type EnvFrom = NonNullable<Container['envFrom']>[number];
type ValueFrom = NonNullable<NonNullable<Container['env']>[number]['valueFrom']>;

function readAll({ prefix = '', configMapRef, secretRef }: EnvFrom, sources: Sources): Environment {
  const source = nameOf(configMapRef, secretRef);
  const contents = source === undefined ? {} : readSource(sources, source);
  if (source !== undefined && contents === undefined && (configMapRef ?? secretRef)?.optional !== true) {
    throw new MissingSourceError(`${source.kind} "${source.name}" not found`);
  }
  return Object.fromEntries(Object.entries(contents ?? {}).map(([key, value]) => [prefix + key, value.toString()]));
}

interface NamedReference {
  readonly name?: string;
}

function nameOf(configMap: NamedReference | undefined, secret: NamedReference | undefined): SourceName | undefined {
  if (configMap !== undefined) {
    return { kind: 'configmap', name: configMap.name ?? '' };
  }
  return secret === undefined ? undefined : { kind: 'secret', name: secret.name ?? '' };
}

interface Context {
  readonly pod: Pod;
  readonly container: Container;
  readonly sources: Sources;
}

/** Undefined leaves the variable out: what it refers to is optional and not there. */
function readOne(from: ValueFrom, { pod, container, sources }: Context): string | undefined {
  const { configMapKeyRef, secretKeyRef, fieldRef, resourceFieldRef } = from;
  const source = nameOf(configMapKeyRef, secretKeyRef);
  const ref = configMapKeyRef ?? secretKeyRef;
  if (source !== undefined && ref !== undefined) {
    return readKey(ref, source, { pod, sources });
  }
  if (fieldRef !== undefined) {
    return readField(pod, fieldRef.fieldPath);
  }
  return resourceFieldRef === undefined ? undefined : readResource(container, resourceFieldRef);
}

interface KeyReference {
  readonly key: string;
  readonly optional?: boolean;
}

function readKey(
  ref: KeyReference,
  source: SourceName,
  { pod, sources }: Omit<Context, 'container'>,
): string | undefined {
  const contents = readSource(sources, source);
  const value = contents?.[ref.key]?.toString();
  if (value !== undefined || ref.optional === true) {
    return value;
  }
  if (contents === undefined) {
    throw new MissingSourceError(`${source.kind} "${source.name}" not found`);
  }
  const kind = source.kind === 'secret' ? 'Secret' : 'ConfigMap';
  throw new MissingSourceError(
    `couldn't find key ${ref.key} in ${kind} ${pod.metadata.namespace ?? ''}/${source.name}`,
  );
}

const keyed = /^metadata\.(?<map>labels|annotations)\['(?<key>[^']+)'\]$/u;

/** The downward API's fields, as `fieldRef` names them. @throws MissingSourceError for one that there is not. */
export function readField(pod: Pod, path: string): string {
  const { map, key = '' } = keyed.exec(path)?.groups ?? {};
  if (map !== undefined) {
    return (map === 'labels' ? pod.metadata.labels : pod.metadata.annotations)?.[key] ?? '';
  }
  const value = fields[path]?.(pod);
  if (value === undefined) {
    throw new MissingSourceError(`field label not supported: ${path}`);
  }
  return value;
}

const fields: Readonly<Record<string, (pod: Pod) => string>> = {
  'metadata.name': ({ metadata }) => metadata.name,
  'metadata.namespace': ({ metadata }) => metadata.namespace ?? '',
  'metadata.uid': ({ metadata }) => metadata.uid ?? '',
  'metadata.labels': ({ metadata }) => listOf(metadata.labels),
  'metadata.annotations': ({ metadata }) => listOf(metadata.annotations),
  'spec.nodeName': ({ spec }) => spec.nodeName ?? '',
  'spec.serviceAccountName': ({ spec }) => spec.serviceAccountName ?? 'default',
  'status.podIP': () => podIp,
  'status.podIPs': () => podIp,
  'status.hostIP': () => podIp,
  'status.hostIPs': () => podIp,
};

function listOf(map: Readonly<Record<string, string>> = {}): string {
  return Object.entries(map)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
    .join('\n');
}

/** `limits.memory` in units of the divisor, rounded up. */
function readResource({ resources }: Container, ref: { resource: string; divisor?: string }): string {
  const [kind = '', name = ''] = ref.resource.split('.');
  const amounts = kind === 'limits' ? resources?.limits : resources?.requests;
  const divisor = parseQuantity(ref.divisor ?? '1') || 1;
  return String(Math.ceil(parseQuantity(amounts?.[name] ?? '0') / divisor));
}
