import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { baseImage, buildBaseImage } from './base-image.ts';
import { buildImage, type ImageFacts, inspectImage, saveImage } from './buildah.ts';
import { bundle } from './bundle.ts';
import { type Component, components, defaultRegistry, imageReference } from './components.ts';
import type { BundledPackage } from './packages.ts';
import { runCommand } from './run-command.ts';
import { makeSbom } from './sbom.ts';
import { readVersion } from './version.ts';

export interface BuildOptions {
  /** The project's root. */
  readonly project: string;
  /** Program that runs in the own base image. */
  readonly node: string;
  readonly registry: string;
  readonly tag: string;
  /** An image with Node at `/nodejs/bin/node`; absent builds one of this machine's Node. */
  readonly base?: string;
  readonly platform?: string;
}

export interface BuiltImage extends ImageFacts {
  readonly component: Component;
  readonly reference: string;
  /** OCI archive. */
  readonly archive: string;
  readonly sbom: string;
  readonly bundleBytes: number;
}

/** All images as archives below `dist/images`, each with its SBOM. */
export async function buildAll(options: BuildOptions, say: (line: string) => void): Promise<BuiltImage[]> {
  await mkdir(join(options.project, 'dist/images'), { recursive: true });
  if (options.base === undefined) {
    say('base: Node of this machine');
    await buildBaseImage(options.node);
  }
  const built: BuiltImage[] = [];
  for (const component of components) {
    built.push(await buildOne(component, options));
    say(`${component.name}: done`);
  }
  return built;
}

/** All images under the names that the chart has by default, on this machine's Node: for a cluster of one's own. */
export function buildForCluster(project: string, say: (line: string) => void): Promise<BuiltImage[]> {
  return buildAll({ project, node: process.execPath, registry: defaultRegistry, tag: readVersion(project) }, say);
}

async function buildOne(component: Component, options: BuildOptions): Promise<BuiltImage> {
  const { project, base = baseImage, platform } = options;
  const { folder, packages, bytes: bundleBytes } = await bundle(component, project);
  const reference = imageReference(component.name, options);
  const image = { reference, base, context: folder, platforms: platform === undefined ? [] : [platform] };
  await buildComponent(component, project, image);
  const archive = join(project, 'dist/images', `${component.name}.tar`);
  await saveImage(reference, `${archive}.part`);
  await rename(`${archive}.part`, archive);
  const sbom = await writeSbom(component, project, packages);
  return { ...(await inspectImage(reference)), component, reference, archive, sbom, bundleBytes };
}

export interface ComponentImage {
  readonly reference: string;
  readonly base: string;
  /** The folder with the bundle. */
  readonly context: string;
  readonly platforms: readonly string[];
}

/** One component's image, or its manifest list for several platforms, in buildah's own storage. */
export async function buildComponent(component: Component, project: string, image: ComponentImage): Promise<void> {
  const { reference, base, context, platforms } = image;
  const dockerfile = join(project, component.dockerfile);
  const buildArgs = { BASE: base, VERSION: readVersion(project), REVISION: await revisionOf(project) };
  await buildImage({ reference, dockerfile, context, buildArgs, platforms });
}

/** Lists what an image is made of. @returns the file */
export async function writeSbom(
  component: Component,
  project: string,
  packages: readonly BundledPackage[],
): Promise<string> {
  const file = join(project, 'dist/images', `${component.name}.cdx.json`);
  const facts = { component, version: readVersion(project), packages, nodeVersion: process.versions.node };
  await writeFile(file, `${JSON.stringify(makeSbom(facts), null, 2)}\n`);
  return file;
}

/** The commit, or `unknown` outside of a repository. */
async function revisionOf(project: string): Promise<string> {
  const output = await runCommand('git', ['rev-parse', 'HEAD'], { cwd: project }).catch(() => 'unknown');
  return output.trim();
}
