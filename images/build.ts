import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { baseImage, buildBaseImage } from './base-image.ts';
import { buildImage, type ImageFacts, inspectImage, saveImage } from './buildah.ts';
import { bundle } from './bundle.ts';
import { type Component, components, imageReference } from './components.ts';
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

async function buildOne(component: Component, options: BuildOptions): Promise<BuiltImage> {
  const { project, base = baseImage, platform } = options;
  const { folder, packages, bytes: bundleBytes } = await bundle(component, project);
  const reference = imageReference(component.name, options);
  const version = readVersion(project);
  await buildImage({
    reference,
    dockerfile: join(project, component.dockerfile),
    context: folder,
    buildArgs: { BASE: base, VERSION: version, REVISION: await revisionOf(project) },
    ...(platform === undefined ? {} : { platform }),
  });
  const archive = join(project, 'dist/images', `${component.name}.tar`);
  await saveImage(reference, `${archive}.part`);
  await rename(`${archive}.part`, archive);
  const sbom = join(project, 'dist/images', `${component.name}.cdx.json`);
  const nodeVersion = process.versions.node;
  await writeFile(sbom, `${JSON.stringify(makeSbom({ component, version, packages, nodeVersion }), null, 2)}\n`);
  return { ...(await inspectImage(reference)), component, reference, archive, sbom, bundleBytes };
}

/** The commit, or `unknown` outside of a repository. */
async function revisionOf(project: string): Promise<string> {
  const output = await runCommand('git', ['rev-parse', 'HEAD'], { cwd: project }).catch(() => 'unknown');
  return output.trim();
}
