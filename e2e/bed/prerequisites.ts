import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { runCommand } from '../../images/run-command.ts';

/** A program of the machine, and the Debian package that brings it. Without a package: the user's own business. */
interface Requirement {
  readonly program: string;
  readonly package?: string;
  readonly why: string;
}

const requirements: readonly Requirement[] = [
  { program: 'go', why: 'Go 1.26 or newer builds Kubernetes: https://go.dev/dl' },
  { program: 'gcc', package: 'gcc', why: 'builds runc' },
  { program: 'pkg-config', package: 'pkg-config', why: 'finds libseccomp for runc' },
  { program: 'openssl', package: 'openssl', why: 'makes the certificates' },
  { program: 'ip', package: 'iproute2', why: 'joins the network namespaces' },
  { program: 'nft', package: 'nftables', why: 'kube-proxy' },
  { program: 'conntrack', package: 'conntrack', why: 'kube-proxy' },
  { program: 'mount', package: 'mount', why: 'kubelet' },
  { program: 'unshare', package: 'util-linux', why: 'the namespaces' },
  { program: 'buildah', package: 'buildah', why: 'builds the images' },
  { program: 'catatonit', package: 'catatonit', why: "the Pods' first process" },
];

/** Headers have no program to look for. */
const packagesWithoutProgram = [{ package: 'libseccomp-dev', file: '/usr/include/seccomp.h', why: 'runc' }] as const;

/** What has to be there before a bed can come up, of the machine as it is. */
export interface Machine {
  readonly platform: NodeJS.Platform;
  readonly isRoot: boolean;
  readonly hasProgram: (name: string) => boolean;
  readonly hasFile: (path: string) => boolean;
  /** Some containers run as root and still may not. */
  readonly mayIsolate: boolean;
}

/** Everything that is missing, in one message with the command that brings it; undefined when nothing is. */
export function explainMissing(machine: Machine): string | undefined {
  const lines: string[] = [];
  if (machine.platform !== 'linux') {
    lines.push(`- Linux: this is ${machine.platform}`);
  }
  if (!machine.isRoot) {
    lines.push('- root: namespaces, mounts and cgroups are made; run it with sudo');
  }
  if (machine.isRoot && !machine.mayIsolate) {
    lines.push('- the right to make namespaces and mounts: CAP_SYS_ADMIN');
  }
  const programs = requirements.filter(({ program }) => !machine.hasProgram(program));
  const files = packagesWithoutProgram.filter(({ file }) => !machine.hasFile(file));
  lines.push(...programs.map(({ program, why }) => `- ${program}: ${why}`));
  lines.push(...files.map(({ package: name, why }) => `- ${name}: ${why}`));
  if (lines.length === 0) {
    return undefined;
  }
  const packages = [...programs, ...files].flatMap(({ package: name }) => (name === undefined ? [] : [name]));
  const command =
    packages.length === 0 ? '' : `\nOn Debian: apt-get install --no-install-recommends ${packages.join(' ')}`;
  return `The bed needs what is not here:\n${lines.join('\n')}${command}`;
}

/** The packages that an installation on Debian may bring. */
export function missingPackages(machine: Machine): string[] {
  const programs = requirements.filter(({ program }) => !machine.hasProgram(program));
  const files = packagesWithoutProgram.filter(({ file }) => !machine.hasFile(file));
  return [...programs, ...files].flatMap(({ package: name }) => (name === undefined ? [] : [name]));
}

export async function inspectMachine(env: NodeJS.ProcessEnv): Promise<Machine> {
  const folders = [...(env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  const found = new Set<string>();
  for (const { program } of requirements) {
    for (const folder of folders) {
      if (await isExecutable(join(folder, program))) {
        found.add(program);
      }
    }
  }
  const files = new Set<string>();
  for (const { file } of packagesWithoutProgram) {
    if (
      await access(file).then(
        () => true,
        () => false,
      )
    ) {
      files.add(file);
    }
  }
  return {
    platform: process.platform,
    isRoot: process.getuid?.() === 0,
    hasProgram: (name) => found.has(name),
    hasFile: (path) => files.has(path),
    mayIsolate: await mayIsolate(),
  };
}

function mayIsolate(): Promise<boolean> {
  const attempt = ['--mount', '--net', '--pid', '--uts', '--fork', 'mount', '--make-rprivate', '/'];
  return runCommand('unshare', attempt).then(
    () => true,
    () => false,
  );
}

function isExecutable(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}
