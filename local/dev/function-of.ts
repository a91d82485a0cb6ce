import { basename, dirname, extname, join } from 'node:path';
import { isUtf8 } from 'node:buffer';
import type { FunctionObject, VersionedSpec } from '../../lib/api/function.ts';
import { apiVersion } from '../../lib/api/resources.ts';
import type { ConfigMap } from '../../lib/kube/objects.ts';
import { longestName } from './options.ts';

/** What is on disk, read. */
export interface LocalSource {
  /** Absolute. */
  readonly path: string;
  readonly kind: 'file' | 'folder';
  /** Of a file: itself. Of a folder: what lies in it, by name. */
  readonly files: ReadonlyMap<string, Buffer>;
}

export interface FunctionSettings {
  readonly name: string;
  readonly env: NonNullable<VersionedSpec['env']>;
}

/** A function as `kubectl apply` would take it. */
export interface FunctionObjects {
  readonly fn: FunctionObject;
  /** Holds the code where `source.inline` cannot. */
  readonly configMap: ConfigMap | undefined;
  /** What the runtime calls a file → where it lies, absolute. */
  readonly files: ReadonlyMap<string, string>;
}

/** The source cannot be served; the message says why and what to do. */
export class SourceError extends Error {
  override readonly name = 'SourceError';
}

const runtime = 'nodejs';
/** `entryFiles` of the Runtime `nodejs` are `index` with these, in this order. */
export const extensions = ['.mjs', '.js', '.cjs', '.ts', '.mts'];
/** `source.inline` is called so by that Runtime, whatever it is written in. */
const inlineName = 'index.mjs';
/** Of `source.inline`, as the CRD has it. */
const largestInlineBytes = 262_144;
/** Of a ConfigMap, as Kubernetes has it. */
const largestConfigMapBytes = 1_048_576;

/** `My Function.ts` → `my-function`; of an `index` file the folder's name says more. @throws SourceError when nothing is left of it */
export function nameOf(path: string): string {
  const stem = basename(path, extname(path));
  const label = (stem === 'index' ? basename(dirname(path)) : stem)
    .toLowerCase()
    .replace(/[^a-z0-9]+/gu, '-')
    .replace(/^[^a-z]+/u, '')
    .slice(0, longestName)
    .replace(/-+$/u, '');
  if (label === '') {
    throw new SourceError(`${path}: no function can be called after it; give it one with --name`);
  }
  return label;
}

/**
 * The Function that a file or folder stands for. One `.mjs` file is `source.inline`; another extension tells Node how to read
 * the file, so it keeps it, as the entry file in a ConfigMap; so do the files of a folder.
 * @throws SourceError
 */
export function functionOf(source: LocalSource, settings: FunctionSettings): FunctionObjects {
  const served = source.kind === 'file' ? serveFile(source) : serveFolder(source);
  const bytes = [...served.values()].reduce((sum, { content }) => sum + content.length, 0);
  if (bytes > largestConfigMapBytes) {
    throw new SourceError(
      `${source.path}: ${bytes} bytes of code, and a ConfigMap holds ${largestConfigMapBytes}; bundle it, or make an image of it`,
    );
  }
  const files = new Map([...served].map(([name, { path }]) => [name, path]));
  const inline = inlineOf(served);
  if (inline !== undefined) {
    return { fn: makeFunction(settings, { inline }), configMap: undefined, files };
  }
  const configMap = makeConfigMap(settings.name, served);
  return { fn: makeFunction(settings, { configMap: { name: configMap.metadata.name } }), configMap, files };
}

interface ServedFile {
  readonly path: string;
  readonly content: Buffer;
}

function serveFile({ path, files }: LocalSource): Map<string, ServedFile> {
  const extension = extname(path);
  if (!extensions.includes(extension)) {
    throw new SourceError(`${path}: expected a file that ends in ${extensions.join(', ')}, or a folder`);
  }
  const content = files.get(basename(path)) ?? Buffer.alloc(0);
  if (content.length === 0) {
    throw new SourceError(`${path} is empty`);
  }
  return new Map([[`index${extension}`, { path, content }]]);
}

/** A key of a ConfigMap. */
const keyPattern = /^[-._a-zA-Z0-9]{1,253}$/u;

function serveFolder({ path, files }: LocalSource): Map<string, ServedFile> {
  const entries = extensions.map((extension) => `index${extension}`);
  if (!entries.some((name) => files.has(name))) {
    throw new SourceError(`${path}: no index file in it; expected one of ${entries.join(', ')}`);
  }
  const wrong = [...files.keys()].find((name) => !keyPattern.test(name));
  if (wrong !== undefined) {
    throw new SourceError(`${join(path, wrong)}: a ConfigMap takes names of letters, digits, '-', '_' and '.' only`);
  }
  return new Map([...files].map(([name, content]) => [name, { path: join(path, name), content }]));
}

function inlineOf(served: ReadonlyMap<string, ServedFile>): string | undefined {
  const only = served.size === 1 ? served.get(inlineName)?.content : undefined;
  return only !== undefined && only.length <= largestInlineBytes && isUtf8(only) ? only.toString('utf8') : undefined;
}

function makeConfigMap(name: string, served: ReadonlyMap<string, ServedFile>): ConfigMap {
  const sorted = [...served].sort(([a], [b]) => (a < b ? -1 : 1));
  const [text, binary] = [true, false].map((isText) => sorted.filter(([, file]) => isUtf8(file.content) === isText));
  const encode = (files: typeof sorted | undefined, encoding: 'utf8' | 'base64'): Record<string, string> =>
    Object.fromEntries((files ?? []).map(([key, { content }]) => [key, content.toString(encoding)]));
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: `${name}-code` },
    ...(text?.length === 0 ? {} : { data: encode(text, 'utf8') }),
    ...(binary?.length === 0 ? {} : { binaryData: encode(binary, 'base64') }),
  };
}

function makeFunction({ name, env }: FunctionSettings, source: VersionedSpec['source']): FunctionObject {
  return {
    apiVersion,
    kind: 'Function',
    metadata: { name },
    spec: { runtime, source, ...(env.length === 0 ? {} : { env: [...env] }) },
  };
}
