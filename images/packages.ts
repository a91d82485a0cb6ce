import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** An npm package that is part of a bundle. */
export interface BundledPackage {
  readonly name: string;
  readonly version: string;
  /** SPDX expression. */
  readonly license: string;
  /** As its authors put it; empty when the package has no such file. */
  readonly licenseText: string;
}

/** `node_modules/@scope/name` of a bundled file; of nested packages the innermost. Undefined for the project's own files. */
export function packageFolderOf(input: string): string | undefined {
  const match = /^(?<folder>.*node_modules\/(?:@[^/]+\/)?[^/]+)\//u.exec(input);
  return match?.groups?.['folder'];
}

/** @param inputs paths relative to `project`, as esbuild's metafile names them */
export async function readPackages(inputs: readonly string[], project: string): Promise<BundledPackage[]> {
  const folders = new Set(inputs.flatMap((input) => packageFolderOf(input) ?? []));
  const packages = await Promise.all([...folders].map((folder) => readPackage(join(project, folder))));
  return packages.toSorted((a, b) => a.name.localeCompare(b.name) || a.version.localeCompare(b.version));
}

async function readPackage(folder: string): Promise<BundledPackage> {
  const manifest = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as {
    readonly name: string;
    readonly version: string;
    readonly license?: string;
  };
  const file = (await readdir(folder)).find((name) => /^licen[cs]e(\.|$)/iu.test(name));
  const licenseText = file === undefined ? '' : (await readFile(join(folder, file), 'utf8')).trim();
  const { name, version, license } = manifest;
  if (license === undefined) {
    throw new Error(`${name} ${version} has no licence: it must not be shipped`);
  }
  return { name, version, license, licenseText };
}

/** What goes along with a bundle, for whoever has to know. */
export function renderLicenses(packages: readonly BundledPackage[]): string {
  const own = 'Flint is licensed under Apache-2.0: https://www.apache.org/licenses/LICENSE-2.0\n';
  const others = packages.map(
    ({ name, version, license, licenseText }) => `\n---\n${name} ${version}: ${license}\n\n${licenseText}\n`,
  );
  return own + others.join('');
}
