import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build, type Metafile } from 'esbuild';
import type { Component } from './components.ts';
import { type BundledPackage, readPackages, renderLicenses } from './packages.ts';

export interface Bundle {
  /** Holds `main.mjs`, the parts that it loads when they are needed, a source map of each, and `LICENSES.txt`. */
  readonly folder: string;
  /** npm packages of which something is in it. */
  readonly packages: readonly BundledPackage[];
  /** Of the code, all parts together. */
  readonly bytes: number;
}

/** Reads a kubeconfig, which no Pod has. With it and what it needs a bundle would be four times as large. */
const outOfCluster = ['@kubernetes/client-node'];

/** CommonJS packages in it call `require`, which ES modules do not have. */
const banner = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";

/**
 * One component as one file with its source map and the licences of all that is in it; what it imports dynamically is in
 * files of its own, so that starting it costs nothing. The same sources give the same bytes.
 * @param project its root
 */
export async function bundle(component: Component, project: string): Promise<Bundle> {
  const folder = join(project, 'dist', component.name);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const { metafile } = await build({
    absWorkingDir: project,
    entryPoints: [{ in: component.entry, out: 'main' }],
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    chunkNames: '[name]-[hash]',
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    sourcemap: 'linked',
    sourcesContent: false,
    legalComments: 'none',
    minifySyntax: true,
    minifyWhitespace: true,
    external: outOfCluster,
    banner: { js: banner },
    metafile: true,
    logLevel: 'warning',
  });
  const packages = await readPackages(Object.keys(metafile.inputs), project);
  await writeFile(join(folder, 'LICENSES.txt'), renderLicenses(packages));
  return { folder, packages, bytes: sizeOf(metafile) };
}

function sizeOf({ outputs }: Metafile): number {
  const code = Object.entries(outputs).filter(([file]) => file.endsWith('.mjs'));
  return code.reduce((sum, [, { bytes }]) => sum + bytes, 0);
}
