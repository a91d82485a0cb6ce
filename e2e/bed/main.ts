/** `npm run bed -- COMMAND`: a real Kubernetes on this machine, for the stories of e2e/. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { exitUsage } from '../../lib/errors.ts';
import { extractTool } from '../../local/kubectl/extract.ts';
import { project } from '../framework/local-target.ts';
import { importImage, listImages } from './bed-images.ts';
import { buildPrograms, programsFolder } from './build-programs.ts';
import { down } from './down.ts';
import { bedFolders, cacheFolder } from './folders.ts';
import { firstProcess, insideNode, nodesThatAreUp } from './namespaces.ts';
import { parseArguments, UsageError, usage } from './options.ts';
import { explainMissing, inspectMachine, missingPackages } from './prerequisites.ts';
import { runCommand } from '../../images/run-command.ts';
import { describeBed, logNames } from './status.ts';
import { up } from './up.ts';

const cache = cacheFolder(process.env);

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Hands the terminal over. @returns its exit code */
async function hand(command: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<number> {
  const [program = '', ...args] = command;
  const child = spawn(program, args, { stdio: 'inherit', env: { ...process.env, ...env } });
  const [code] = (await once(child, 'exit')) as [number | null];
  return code ?? 1;
}

async function requireMachine(): Promise<void> {
  const missing = explainMissing(await inspectMachine(process.env));
  if (missing !== undefined) {
    throw new UsageError(missing);
  }
}

async function install(): Promise<number> {
  const packages = missingPackages(await inspectMachine(process.env));
  if (packages.length === 0) {
    say('nothing to install');
    return 0;
  }
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  await runCommand('apt-get', ['update', '--quiet'], { env });
  return hand(['apt-get', 'install', '--yes', '--quiet', '--no-install-recommends', ...packages], env);
}

async function bringUp(nodes: number): Promise<number> {
  await requireMachine();
  const startedAt = performance.now();
  const bed = await up({ cache, nodes, say });
  say(
    `The bed is up (${((performance.now() - startedAt) / 1000).toFixed(1)} s).\n\n  export KUBECONFIG=${bed.kubeconfig}\n`,
  );
  return 0;
}

async function status(): Promise<number> {
  const text = await describeBed(cache);
  say(text ?? 'no bed is up; npm run bed -- up');
  return text === undefined ? 1 : 0;
}

async function kubectl(args: readonly string[]): Promise<number> {
  await requireBed();
  const program = await extractTool('kubectl', { project, tools: join(project, '.tools') });
  return hand([program, ...args], { KUBECONFIG: bedFolders(cache).kubeconfig });
}

/** @returns the number of the first node's first process */
async function requireBed(): Promise<number> {
  const pid = await firstProcess('node-1');
  if (pid === undefined) {
    throw new UsageError('no bed is up; npm run bed -- up');
  }
  return pid;
}

async function exec(command: readonly string[]): Promise<number> {
  const pid = await requireBed();
  const programs = await programsFolder(cache);
  return hand(insideNode(pid, command), { PATH: `${programs}:${process.env['PATH'] ?? ''}` });
}

async function logs(component: string): Promise<number> {
  const names = await logNames(cache);
  const name = names.find((candidate) => candidate === component || candidate === `node-1-${component}`);
  if (name === undefined) {
    throw new UsageError(`there is no log of '${component}'; there are: ${names.join(', ')}`);
  }
  process.stdout.write(await readFile(join(bedFolders(cache).logs, `${name}.log`), 'utf8'));
  return 0;
}

/** A Pod may come to any node, so all of them get the image. */
async function images(archives: readonly string[]): Promise<number> {
  await requireBed();
  const programs = await programsFolder(cache);
  const stores = (await nodesThatAreUp()).map((node) => ({ bed: bedFolders(cache), node, programs }));
  for (const store of stores) {
    for (const archive of archives) {
      await importImage(store, resolve(archive));
    }
    (await listImages(store)).forEach((name) => {
      say(`${store.node}  ${name}`);
    });
  }
  return 0;
}

try {
  const { command, nodes, rest } = parseArguments(process.argv.slice(2));
  const commands: Readonly<Record<typeof command, () => Promise<number>>> = {
    install,
    build: () =>
      requireMachine()
        .then(() => buildPrograms(cache, say))
        .then(() => 0),
    up: () => bringUp(nodes),
    down: () => down(cache).then(() => 0),
    status,
    kubectl: () => kubectl(rest),
    exec: () => exec(rest),
    logs: () => logs(rest[0] ?? ''),
    images: () => images(rest),
    help: () => {
      say(usage);
      return Promise.resolve(0);
    },
  };
  process.exit(await commands[command]());
} catch (error) {
  const isUsage = error instanceof UsageError;
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(isUsage ? exitUsage : 1);
}
