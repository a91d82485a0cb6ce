/** `npm run images -- build`: the container images, as archives below dist/images. */
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { alignColumns } from '../lib/text-table.ts';
import { buildAll, type BuildOptions, type BuiltImage } from './build.ts';
import { defaultRegistry } from './components.ts';
import { readVersion } from './version.ts';

const usage = `usage: npm run images -- COMMAND [--registry R] [--tag T] [--base IMAGE] [--platform OS/ARCH]

  build    bundles the sources, builds the images, writes archives and SBOMs to dist/images
  verify   builds twice and compares: the same sources must give the same images

  --registry   ${defaultRegistry} by default
  --tag        the version of package.json by default
  --base       an image with Node 24 or newer at /nodejs/bin/node; by default one made of this project's own Node
  --platform   with --base only, such as linux/arm64`;

const project = dirname(import.meta.dirname);
const exitUsage = 64;

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function readOptions(args: string[]): { readonly command: string; readonly options: BuildOptions } {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      registry: { type: 'string', default: defaultRegistry },
      tag: { type: 'string' },
      base: { type: 'string' },
      platform: { type: 'string' },
    },
  });
  const { registry, tag = readVersion(project), base, platform } = values;
  return {
    command: positionals[0] ?? '',
    options: {
      project,
      node: process.execPath,
      registry,
      tag,
      ...(base === undefined ? {} : { base }),
      ...(platform === undefined ? {} : { platform }),
    },
  };
}

function renderTable(images: readonly BuiltImage[]): string {
  const rows = images.map(({ reference, bytes, bundleBytes, digest }) => [
    reference,
    `${(bytes / 1e6).toFixed(0)} MB`,
    `${(bundleBytes / 1e3).toFixed(0)} kB`,
    digest.slice(0, 19),
  ]);
  return alignColumns([['IMAGE', 'SIZE', 'BUNDLE', 'DIGEST'], ...rows]);
}

async function verify(options: BuildOptions): Promise<boolean> {
  const first = await buildAll(options, () => undefined);
  const second = await buildAll(options, () => undefined);
  const changed = first.filter(({ digest }, index) => digest !== second[index]?.digest);
  say(
    changed.length === 0
      ? 'two builds, one digest each'
      : `differs: ${changed.map(({ reference }) => reference).join(', ')}`,
  );
  return changed.length === 0;
}

try {
  const { command, options } = readOptions(process.argv.slice(2));
  switch (command) {
    case 'build':
      say(`\n${renderTable(await buildAll(options, say))}`);
      break;
    case 'verify':
      process.exitCode = (await verify(options)) ? 0 : 1;
      break;
    default:
      process.stderr.write(`${usage}\n`);
      process.exitCode = exitUsage;
  }
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
