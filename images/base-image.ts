import { chmod, cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { buildImage } from './buildah.ts';
import { runCommand } from './run-command.ts';

export const baseImage = 'localhost/flint-base:1';

/**
 * A base image of this machine's own, where no registry can be asked for a distroless one: the project's Node, the libraries
 * that it is linked to, and a /tmp. Laid out as distroless is.
 */
export async function buildBaseImage(node: string): Promise<void> {
  const context = await mkdtemp(join(tmpdir(), 'flint-base-'));
  try {
    const root = join(context, 'rootfs');
    await copy(node, join(root, 'nodejs/bin/node'));
    for (const library of librariesOf(await runCommand('ldd', [node]))) {
      await copy(library, join(root, library));
    }
    await mkdir(join(root, 'tmp'), { recursive: true });
    await chmod(join(root, 'tmp'), 0o1777);
    await buildImage({ reference: baseImage, dockerfile: join(import.meta.dirname, 'base/Dockerfile'), context });
  } finally {
    await rm(context, { recursive: true, force: true });
  }
}

/** The files that `ldd` names, the loader included. */
export function librariesOf(output: string): string[] {
  return [...output.matchAll(/(?:=> |^\s+)(\/\S+)/gmu)].map(([, file = '']) => file);
}

async function copy(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  await cp(from, to, { dereference: true });
}
