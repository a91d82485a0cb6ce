import { readdir, readFile } from 'node:fs/promises';
import { listAll } from '../../lib/kube/list-all.ts';
import { bedFolders } from './folders.ts';
import { nodes } from '../../local/controllers/resources.ts';
import { isReady, openApi } from './api.ts';
import { markedProcesses, programOf } from './namespaces.ts';
import { programs } from './programs.ts';

interface Row {
  readonly node: string;
  readonly program: string;
  readonly pid: number;
  readonly memoryMb: number;
}

/** A table of what runs, and whether the nodes are ready. @returns undefined when nothing is up */
export async function describeBed(cache: string): Promise<string | undefined> {
  const rows = await readProcesses();
  if (rows.length === 0) {
    return undefined;
  }
  const bed = bedFolders(cache);
  const lines = rows.map(
    ({ node, program, pid, memoryMb }) =>
      `${node.padEnd(8)} ${program.padEnd(24)} ${String(pid).padStart(7)} ${`${memoryMb.toFixed(0)} MB`.padStart(9)}`,
  );
  const total = rows.reduce((sum, { memoryMb }) => sum + memoryMb, 0);
  return [
    `${'NODE'.padEnd(8)} ${'PROGRAM'.padEnd(24)} ${'PID'.padStart(7)} ${'MEMORY'.padStart(9)}`,
    ...lines,
    `${''.padEnd(8)} ${'all'.padEnd(24)} ${''.padStart(7)} ${`${total.toFixed(0)} MB`.padStart(9)}`,
    '',
    ...(await describeNodes(bed.certificates)),
    `kubeconfig: ${bed.kubeconfig}`,
    `logs: ${bed.logs}`,
  ].join('\n');
}

async function readProcesses(): Promise<Row[]> {
  const names = new Set(programs.map(({ name }) => name));
  const rows: Row[] = [];
  for (const pid of await markedProcesses()) {
    const read = (file: string): Promise<string> => readFile(`/proc/${pid}/${file}`, 'latin1').catch(() => '');
    const [program, status, environ] = await Promise.all([programOf(pid), read('status'), read('environ')]);
    if (names.has(program)) {
      const node = /(?:^|\0)FLINT_BED=([^\0]*)/u.exec(environ)?.[1] ?? '';
      const kibibytes = Number(/^VmRSS:\s+(\d+)/mu.exec(status)?.[1] ?? 0);
      rows.push({ node, program, pid, memoryMb: kibibytes / 1024 });
    }
  }
  return rows.sort((a, b) => a.node.localeCompare(b.node) || b.memoryMb - a.memoryMb);
}

async function describeNodes(certificates: string): Promise<string[]> {
  const client = await openApi(certificates);
  try {
    const found = await listAll(client, nodes, { signal: AbortSignal.timeout(3000) });
    return found.map((node) => `${node.metadata.name}: ${isReady(node) ? 'ready' : 'NOT READY'}`);
  } catch (error) {
    return [`the API server does not answer: ${error instanceof Error ? error.message : String(error)}`];
  } finally {
    await client.close();
  }
}

/** Components have one log each, named after their node: `node-1-kubelet`. */
export async function logNames(cache: string): Promise<string[]> {
  const files = await readdir(bedFolders(cache).logs).catch(() => []);
  return files.map((file) => file.replace(/\.log$/u, ''));
}
