import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommand } from './run-command.ts';

/** Without a daemon, and without what containers in containers do not have. */
const env = { STORAGE_DRIVER: 'vfs', BUILDAH_ISOLATION: 'chroot' };

/** Standard output of buildah. @throws CommandError */
function buildah(...args: string[]): Promise<string> {
  return runCommand('buildah', args, { env });
}

export interface ImageBuild {
  readonly reference: string;
  readonly dockerfile: string;
  /** The folder that the Dockerfile copies from. */
  readonly context: string;
  readonly buildArgs?: Readonly<Record<string, string>>;
  /** `linux/arm64`; several make `reference` a manifest list. This machine's own by default. */
  readonly platforms?: readonly string[];
}

/** Builds without any time of day in it: the same files give the same image. */
export async function buildImage(image: ImageBuild): Promise<void> {
  const args = Object.entries(image.buildArgs ?? {}).map(([name, value]) => `--build-arg=${name}=${value}`);
  const { reference, platforms = [] } = image;
  await buildah(
    'bud',
    '--quiet',
    '--timestamp=0',
    ...(platforms.length === 0 ? [] : [`--platform=${platforms.join(',')}`]),
    ...args,
    `--file=${image.dockerfile}`,
    platforms.length > 1 ? `--manifest=${reference}` : `--tag=${reference}`,
    image.context,
  );
}

/** Writes an image as an OCI archive, under its name. */
export async function saveImage(reference: string, file: string): Promise<void> {
  await buildah('push', '--quiet', reference, `oci-archive:${file}:${reference}`);
}

/**
 * Sends a manifest list and all its images.
 * @param destination such as `docker://ghcr.io/flint-dev/operator:0.1.0` or `oci:FOLDER:TAG`
 * @returns the list's digest
 */
export async function pushManifestList(reference: string, destination: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'flint-push-'));
  try {
    const digestFile = join(folder, 'digest');
    await buildah('manifest', 'push', '--quiet', '--all', `--digestfile=${digestFile}`, reference, destination);
    return (await readFile(digestFile, 'utf8')).trim();
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** A manifest list that an earlier build left would only grow. */
export async function removeManifestList(reference: string): Promise<void> {
  const isThere = await buildah('manifest', 'exists', reference).then(
    () => true,
    () => false,
  );
  if (isThere) {
    await buildah('manifest', 'rm', reference);
  }
}

export interface ImageFacts {
  /** `sha256:…` of the manifest. */
  readonly digest: string;
  readonly bytes: number;
  readonly user: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly entrypoint: readonly string[];
}

export async function inspectImage(reference: string): Promise<ImageFacts> {
  const [facts, images] = await Promise.all([
    buildah('inspect', '--type=image', reference),
    buildah('images', '--json', reference),
  ]);
  const { FromImageDigest: digest, OCIv1 } = JSON.parse(facts) as {
    readonly FromImageDigest: string;
    readonly OCIv1: {
      readonly config: { readonly User?: string; Labels?: Record<string, string>; Entrypoint?: string[] };
    };
  };
  const [{ size } = { size: '0' }] = JSON.parse(images) as { readonly size: string }[];
  const { User: user = '', Labels: labels = {}, Entrypoint: entrypoint = [] } = OCIv1.config;
  return { digest, bytes: parseSize(size), user, labels, entrypoint };
}

/** buildah's `61.9 MB`. */
export function parseSize(text: string): number {
  const [, number = '0', unit = ''] = /^([\d.]+) ([kMG]?)B$/u.exec(text) ?? [];
  return Number(number) * ({ k: 1e3, M: 1e6, G: 1e9 }[unit] ?? 1);
}
