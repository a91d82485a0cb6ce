import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { mostNodes, network, nodeAddresses } from './addresses.ts';
import { runCommand } from '../../images/run-command.ts';
import { nodeInterface } from './start-script.ts';

/** Marks every process of the bed, wherever it came from: what carries it can be found when all else is lost. */
const marker = 'FLINT_BED';
const bridge = 'flint-bed';

/**
 * Starts the first process of a node in namespaces of its own, apart from this process: it goes on when this one ends, and
 * when it is killed everything in them is.
 */
export function startNode(script: string, node: string, logFile: string): void {
  const log = openSync(logFile, 'a');
  const isolate = ['--mount', '--net', '--pid', '--uts', '--fork', '--kill-child'];
  const child = spawn('unshare', [...isolate, 'bash', script], {
    detached: true,
    stdio: ['ignore', log, log],
    env: { PATH: process.env['PATH'], [marker]: node },
  });
  child.unref();
  closeSync(log);
}

/** The process that is the first one in the node's namespaces, by its number here. */
export async function firstProcess(node: string): Promise<number | undefined> {
  for (const pid of await markedProcesses(node)) {
    const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
    // Its numbers here and there: `NSpid: 4711 1`.
    if (/^NSpid:\s+\d+\s+1$/mu.test(status)) {
      return pid;
    }
  }
  return undefined;
}

/** Names, the first one first. */
export async function nodesThatAreUp(): Promise<string[]> {
  const names: string[] = [];
  for (let index = 1; index <= mostNodes; index++) {
    const { name } = nodeAddresses(index);
    if ((await firstProcess(name)) !== undefined) {
      names.push(name);
    }
  }
  return names;
}

/** @param node without it, of any node */
export async function markedProcesses(node?: string): Promise<number[]> {
  const numbers = (await readdir('/proc')).map(Number).filter((pid) => Number.isInteger(pid));
  const found: number[] = [];
  for (const pid of numbers) {
    const environ = await readFile(join('/proc', String(pid), 'environ'), 'latin1').catch(() => '');
    const value = environ.split('\0').find((entry) => entry.startsWith(`${marker}=`));
    if (value !== undefined && (node === undefined || value === `${marker}=${node}`)) {
      found.push(pid);
    }
  }
  return found;
}

/** The name of the program that a process runs, as `kube-scheduler`; empty when it is gone. */
export async function programOf(pid: number): Promise<string> {
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return basename(command.split('\0')[0] ?? '');
}

/** Where a program of a node runs; undefined while it does not. */
export async function tryFindProgram(node: string, program: string): Promise<number | undefined> {
  for (const pid of await markedProcesses(node)) {
    if ((await programOf(pid)) === program) {
      return pid;
    }
  }
  return undefined;
}

/** The bridge that the nodes hang on, and this machine's way to Pods and Services. */
export async function createBridge(): Promise<void> {
  await ip('link', 'add', bridge, 'type', 'bridge');
  await ip('address', 'add', `${network.host}/24`, 'dev', bridge);
  await ip('link', 'set', bridge, 'up');
}

/** A route over the first node reaches Services; Pods are reached over their own. */
export async function addRoute(range: string, via: string): Promise<void> {
  await ip('route', 'add', range, 'via', via);
}

export async function connectNode(index: number, pid: number): Promise<void> {
  const outer = cableOf(index);
  await ip('link', 'add', outer, 'type', 'veth', 'peer', 'name', nodeInterface, 'netns', String(pid));
  await ip('link', 'set', outer, 'master', bridge);
  await ip('link', 'set', outer, 'up');
}

/** The bridge and its cables. Those would go with the namespaces of their nodes too, some time after the last process. */
export async function removeBridge(): Promise<void> {
  const lines = (await ip('-oneline', 'link')).split('\n');
  const own = lines.flatMap((line) => /^\d+: (?<name>flint-bed[^@:]*)/u.exec(line)?.groups?.['name'] ?? []);
  for (const name of own) {
    // One that went by itself in the meantime is gone as well.
    await ip('link', 'delete', name).catch(() => undefined);
  }
}

export function hasBridge(): Promise<boolean> {
  return runCommand('ip', ['link', 'show', bridge]).then(
    () => true,
    () => false,
  );
}

function cableOf(index: number): string {
  return `${bridge}-${index}`;
}

/** `ip -batch` would be quicker and say less about what failed. */
function ip(...args: string[]): Promise<string> {
  return runCommand('ip', args);
}

/** The command line that runs a program inside a node. */
export function insideNode(pid: number, command: readonly string[]): string[] {
  return ['nsenter', '--target', String(pid), '--mount', '--net', '--pid', '--uts', '--', ...command];
}
