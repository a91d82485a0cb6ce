import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { dump } from 'js-yaml';
import { buildComponent, writeSbom } from './build.ts';
import { pushManifestList, removeManifestList } from './buildah.ts';
import { bundle } from './bundle.ts';
import { type Component, components, imageReference } from './components.ts';
import { runCommand } from './run-command.ts';

/** Pushes to the registry that a reference names. */
export const dockerTransport = 'docker://';

export const releasePlatforms = ['linux/amd64', 'linux/arm64'];

export interface ReleaseOptions {
  readonly project: string;
  readonly registry: string;
  readonly tag: string;
  /** For every platform, with its digest: what is released does not depend on the day. */
  readonly base: string;
  /** Where manifest lists go: `docker://`, or `oci:FOLDER`. */
  readonly to: string;
}

export interface ReleasedImage {
  readonly component: Component;
  readonly reference: string;
  /** Of the manifest list. */
  readonly digest: string;
}

/**
 * Builds each image for every platform, sends them away as one manifest list each, and writes the values with which the chart
 * takes these and no others.
 * @returns the images and the file of the values
 */
export async function releaseAll(
  options: ReleaseOptions,
  say: (line: string) => void,
): Promise<{ readonly images: readonly ReleasedImage[]; readonly values: string }> {
  await mkdir(join(options.project, 'dist/images'), { recursive: true });
  const images: ReleasedImage[] = [];
  for (const component of components) {
    images.push(await releaseOne(component, options));
    say(`${component.name}: done`);
  }
  const values = join(options.project, 'dist/images/values-release.yaml');
  await writeFile(values, dump(makeReleaseValues(images, options)));
  return { images, values };
}

async function releaseOne(component: Component, options: ReleaseOptions): Promise<ReleasedImage> {
  const { project, base, to } = options;
  const { folder, packages } = await bundle(component, project);
  const reference = imageReference(component.name, options);
  await removeManifestList(reference);
  await buildComponent(component, project, { reference, base, context: folder, platforms: releasePlatforms });
  await writeSbom(component, project, packages);
  return { component, reference, digest: await pushManifestList(reference, destinationOf(to, reference)) };
}

/** Registries take whole references; a folder holds them by name and tag. */
function destinationOf(to: string, reference: string): string {
  return to === dockerTransport ? `${to}${reference}` : `${to}:${reference.slice(reference.lastIndexOf('/') + 1)}`;
}

/** Values of the chart: which images, by digest. */
export function makeReleaseValues(
  images: readonly ReleasedImage[],
  { registry, tag }: { readonly registry: string; readonly tag: string },
): object {
  const imageOf = (name: string): object => {
    const found = images.find(({ component }) => component.name === name);
    if (found === undefined) {
      throw new Error(`there is no image ${name}`);
    }
    return { image: { digest: found.digest } };
  };
  return {
    image: { registry, tag },
    operator: imageOf('operator'),
    activator: imageOf('activator'),
    runtimes: { nodejs: imageOf('runtime-nodejs') },
  };
}

/** `name:tag` as `name@sha256:…`, what the tag means today. A reference with a digest stays as it is. */
export async function pinBase(base: string, digestOf: (reference: string) => Promise<string>): Promise<string> {
  if (base.includes('@sha256:')) {
    return base;
  }
  const tagAt = base.lastIndexOf(':');
  const name = tagAt > base.lastIndexOf('/') ? base.slice(0, tagAt) : base;
  return `${name}@${await digestOf(base)}`;
}

/** Asks the registry. @throws CommandError */
export async function askRegistry(reference: string): Promise<string> {
  return (await runCommand('skopeo', ['inspect', '--format={{.Digest}}', `docker://${reference}`])).trim();
}
