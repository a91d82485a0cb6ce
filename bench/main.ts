/** `npm run bench -- NAME [--json]`: measures one group of figures and prints them, as a table or as one line of JSON. */
import { loadavg } from 'node:os';
import { dirname } from 'node:path';
import { readVersion } from '../images/version.ts';
import { exitUsage } from '../lib/errors.ts';
import { type Figure, type Progress, renderTable, type Report } from './figures.ts';

/** Each is loaded when it is asked for: what one of them needs is not always there. */
const benches: Readonly<Record<string, (progress: Progress) => Promise<Figure[]>>> = {
  local: async (progress) => (await import('./local.ts')).measureLocal(progress),
  kubernetes: async (progress) => (await import('./kubernetes.ts')).measureKubernetes(progress),
  scale: async (progress) => (await import('./scale.ts')).measureScale(progress),
};

const [name = '', ...flags] = process.argv.slice(2);
const bench = benches[name];
if (bench === undefined || flags.some((flag) => flag !== '--json')) {
  process.stderr.write(`usage: npm run bench -- NAME [--json], NAME one of: ${Object.keys(benches).join(', ')}\n`);
  process.exit(exitUsage);
}
const loadBefore = readLoad();
const figures = await bench((line) => process.stderr.write(`${line}\n`));
const report: Report = { bench: name, figures, versions: readVersions(), load: [loadBefore, readLoad()] };
process.stdout.write(flags.includes('--json') ? `${JSON.stringify(report)}\n` : `${renderTable(report)}\n`);

function readVersions(): Record<string, string> {
  return {
    flint: readVersion(dirname(import.meta.dirname)),
    node: process.versions.node,
    os: `${process.platform} ${process.arch}`,
  };
}

function readLoad(): number {
  return Math.round((loadavg()[0] ?? 0) * 10) / 10;
}
