import type { Pod } from '../../lib/kube/objects.ts';
import { readField } from './environment.ts';
import { readSource, type SourceName, type Sources } from './sources.ts';

type Volume = NonNullable<Pod['spec']['volumes']>[number];
type Projection = NonNullable<NonNullable<Volume['projected']>['sources']>[number];

export interface VolumeFile {
  /** Below the volume's folder. */
  readonly path: string;
  readonly content: Buffer;
  readonly mode: number;
}

export interface VolumePlan {
  readonly name: string;
  readonly files: readonly VolumeFile[];
  /** Nobody writes into it, so pods may share what has the same content. */
  readonly isShared: boolean;
}

/** Thrown when a volume cannot be made (yet); the message is the one of the kubelet's FailedMount event. */
export class MountError extends Error {
  override readonly name = 'MountError';
}

/** @throws MountError naming the volume and what is missing or not supported */
export function planVolumes(pod: Pod, sources: Sources): readonly VolumePlan[] {
  return (pod.spec.volumes ?? []).map((volume) => planVolume(volume, pod, sources));
}

function planVolume(volume: Volume, pod: Pod, sources: Sources): VolumePlan {
  const { name, configMap } = volume;
  const projections = projectionsOf(volume);
  const fail = (what: string): never => {
    throw new MountError(`MountVolume.SetUp failed for volume "${name}" : ${what}`);
  };
  if (projections === undefined) {
    return fail('the embedded node knows emptyDir, configMap, secret, projected and downwardAPI volumes');
  }
  const mode = modeOf(volume);
  const files = projections.flatMap((projection) => readProjection(projection, { pod, sources, mode, fail }));
  return { name, files, isShared: configMap !== undefined };
}

/** Every kind of volume that there is here is a projection of some objects; an empty folder is one of none. */
function projectionsOf({ emptyDir, configMap, secret, projected, downwardAPI }: Volume): Projection[] | undefined {
  if (configMap !== undefined) {
    return [{ configMap }];
  }
  if (secret !== undefined) {
    const { secretName = '', ...rest } = secret;
    return [{ secret: { ...rest, name: secretName } }];
  }
  if (downwardAPI !== undefined) {
    return [{ downwardAPI }];
  }
  return projected?.sources ?? (emptyDir === undefined ? undefined : []);
}

const defaultMode = 0o644;

function modeOf({ configMap, secret, projected, downwardAPI }: Volume): number {
  return (configMap ?? secret ?? projected ?? downwardAPI)?.defaultMode ?? defaultMode;
}

interface ProjectionContext {
  readonly pod: Pod;
  readonly sources: Sources;
  readonly mode: number;
  readonly fail: (what: string) => never;
}

function readProjection(projection: Projection, context: ProjectionContext): VolumeFile[] {
  const { configMap, secret, downwardAPI, serviceAccountToken } = projection;
  if (downwardAPI !== undefined) {
    return (downwardAPI.items ?? []).map(({ path, fieldRef, mode }) => ({
      path,
      content: Buffer.from(fieldRef === undefined ? '' : readField(context.pod, fieldRef.fieldPath)),
      mode: mode ?? context.mode,
    }));
  }
  if (configMap !== undefined) {
    return readKeys(configMap, { kind: 'configmap', name: configMap.name ?? '' }, context);
  }
  if (serviceAccountToken !== undefined) {
    return readToken(serviceAccountToken.path, context);
  }
  return secret === undefined
    ? context.fail('the embedded node projects ConfigMaps, Secrets, the downward API and service account tokens')
    : readKeys(secret, { kind: 'secret', name: secret.name ?? '' }, context);
}

function readToken(path: string, { pod, sources, mode, fail }: ProjectionContext): VolumeFile[] {
  const token = sources.token(pod) ?? fail('this node has no service account tokens to give');
  return [{ path, content: Buffer.from(token), mode }];
}

interface KeysReference {
  readonly items?: readonly { key: string; path: string; mode?: number }[];
  readonly optional?: boolean;
}

function readKeys(ref: KeysReference, source: SourceName, { sources, mode, fail }: ProjectionContext): VolumeFile[] {
  const contents = readSource(sources, source);
  if (contents === undefined) {
    return ref.optional === true ? [] : fail(`${source.kind} "${source.name}" not found`);
  }
  const items: NonNullable<KeysReference['items']> =
    ref.items ?? Object.keys(contents).map((key) => ({ key, path: key }));
  return items.flatMap((item) => {
    const content = contents[item.key];
    if (content !== undefined) {
      return [{ path: item.path, content, mode: item.mode ?? mode }];
    }
    return ref.optional === true ? [] : fail(`references non-existent config key: ${item.key}`);
  });
}
