/** `npm run bench -- NAME [--json]`: measures one group of figures and prints them, as a table or as one line of JSON. */
import { loadavg } from 'node:os';
import { dirname } from 'node:path';
import { readVersion } from '../images/version.ts';
import { type Figure, type Progress, renderTable, type Report } from './figures.ts';
import { measureKubernetes } from './kubernetes.ts';
import { measureLocal } from './local.ts';

const benches: Readonly<Record<string, (progress: Progress) => Promise<Figure[]>>> = {
  local: measureLocal,
  kubernetes: measureKubernetes,
};

const [name = '', ...flags] = process.argv.slice(2);
const bench = benches[name];
if (bench === undefined || flags.some((flag) => flag !== '--json')) {
  process.stderr.write(`usage: npm run bench -- NAME [--json], NAME one of: ${Object.keys(benches).join(', ')}\n`);
  process.exit(64);
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
