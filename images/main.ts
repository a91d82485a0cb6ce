/** `npm run images -- build`: the container images, as archives below dist/images. */
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { exitUsage } from '../lib/errors.ts';
import { alignColumns } from '../lib/text-table.ts';
import { buildAll, type BuildOptions, type BuiltImage } from './build.ts';
import { defaultBase, defaultRegistry } from './components.ts';
import { askRegistry, dockerTransport, pinBase, releaseAll, releasePlatforms } from './release.ts';
import { readVersion } from './version.ts';

const usage = `usage: npm run images -- COMMAND [--registry R] [--tag T] [--base IMAGE] [--platform OS/ARCH]

  build    bundles the sources, builds the images, writes archives and SBOMs to dist/images
  verify   builds twice and compares: the same sources must give the same images
  release  builds for ${releasePlatforms.join(' and ')} on a base whose digest it pins (it asks the registry with skopeo), pushes manifest
           lists, and writes dist/images/values-release.yaml for helm install --values

  --registry   ${defaultRegistry} by default
  --tag        the version of package.json by default
  --base       an image with Node 24 or newer at /nodejs/bin/node; by default one made of this project's own Node
  --platform   with --base only, such as linux/arm64
  --to         where release pushes: docker:// by default, or oci:FOLDER`;

const project = dirname(import.meta.dirname);

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

interface Invocation {
  readonly command: string;
  readonly to: string;
  readonly options: BuildOptions;
}

function readOptions(args: string[]): Invocation {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      registry: { type: 'string', default: defaultRegistry },
      tag: { type: 'string' },
      base: { type: 'string' },
      platform: { type: 'string' },
      to: { type: 'string', default: dockerTransport },
      help: { type: 'boolean', default: false },
    },
  });
  const { registry, tag = readVersion(project), base, platform, to } = values;
  return {
    command: values.help ? 'help' : (positionals[0] ?? ''),
    to,
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

async function release({ base = defaultBase, ...options }: BuildOptions, to: string): Promise<void> {
  const pinned = await pinBase(base, askRegistry);
  say(`base: ${pinned}`);
  const { images, values } = await releaseAll({ ...options, base: pinned, to }, say);
  const rows = images.map(({ reference, digest }) => [reference, digest]);
  say(`\n${alignColumns([['IMAGE', 'DIGEST'], ...rows])}\n\nhelm install flint charts/flint --values ${values}`);
}

try {
  const { command, to, options } = readOptions(process.argv.slice(2));
  switch (command) {
    case 'build':
      say(`\n${renderTable(await buildAll(options, say))}`);
      break;
    case 'verify':
      process.exitCode = (await verify(options)) ? 0 : 1;
      break;
    case 'release':
      await release(options, to);
      break;
    case 'help':
      say(usage);
      break;
    default:
      process.stderr.write(`${usage}\n`);
      process.exitCode = exitUsage;
  }
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
