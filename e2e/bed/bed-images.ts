import { existsSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { firstProcess, insideNode } from './namespaces.ts';
import { type BedFolders, nodeFolders } from './folders.ts';
import { sandboxImage } from './node-configuration.ts';
import { buildImage, saveImage } from '../../images/buildah.ts';
import { runCommand } from '../../images/run-command.ts';

/** The image of the process that holds a Pod's namespaces, built once. @returns its archive */
export async function buildSandboxImage(cache: string): Promise<string> {
  const archive = join(cache, 'images', 'bed-sandbox.tar');
  if (existsSync(archive)) {
    return archive;
  }
  const folder = await mkdtemp(join(tmpdir(), 'flint-sandbox-'));
  try {
    await copyFile('/usr/bin/catatonit', join(folder, 'catatonit'));
    await writeFile(
      join(folder, 'Dockerfile'),
      'FROM scratch\nCOPY catatonit /catatonit\nENTRYPOINT ["/catatonit", "-P"]\n',
    );
    await buildImage({ reference: sandboxImage, dockerfile: join(folder, 'Dockerfile'), context: folder });
    await mkdir(join(cache, 'images'), { recursive: true });
    const part = `${archive}.part`;
    await saveImage(sandboxImage, part);
    await rename(part, archive);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return archive;
}

/** Where images go: the containerd of one node. */
export interface ImageStore {
  readonly bed: BedFolders;
  readonly node: string;
  readonly programs: string;
}

/** Loads an OCI archive into a node, under the names it carries. */
export async function importImage(store: ImageStore, archive: string): Promise<void> {
  await ctr(store, 'images', 'import', archive);
}

/** Names of the images of a node. */
export async function listImages(store: ImageStore): Promise<string[]> {
  const lines = (await ctr(store, 'images', 'list', '--quiet')).split('\n');
  return lines.filter((line) => line !== '' && !line.startsWith('sha256:'));
}

async function ctr({ bed, node, programs }: ImageStore, ...args: string[]): Promise<string> {
  const pid = await firstProcess(node);
  if (pid === undefined) {
    throw new Error(`${node} is not up; npm run bed -- up`);
  }
  const socket = nodeFolders(bed, node).containerdSocket;
  const [program = '', ...rest] = insideNode(pid, [
    join(programs, 'ctr'),
    '--address',
    socket,
    '--namespace',
    'k8s.io',
    ...args,
  ]);
  return runCommand(program, rest);
}
