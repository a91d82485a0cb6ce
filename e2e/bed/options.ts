import { parseArgs } from 'node:util';
import { mostNodes } from './addresses.ts';

/** Thrown for what the user can mend; the message says how. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

const commands = ['install', 'build', 'up', 'down', 'status', 'kubectl', 'exec', 'logs', 'images', 'help'] as const;
type Command = (typeof commands)[number];

export interface Arguments {
  readonly command: Command;
  readonly nodes: number;
  /** What follows the command, for those that hand it on. */
  readonly rest: readonly string[];
}

export const usage = `usage: npm run bed -- COMMAND

  install              the Debian packages that are missing (apt-get)
  build                the programs of Kubernetes, once; up does it too
  up [--nodes N]       a cluster of N nodes (1)
  down                 everything gone, whatever state it is in
  status               what runs, how large it is, where the kubeconfig is
  kubectl ...          kubectl in it
  exec -- COMMAND ...  a command in the namespaces of the first node
  logs COMPONENT       kube-apiserver, kubelet, node-2-kubelet, ...
  images [FILE ...]    loads OCI archives into every node, lists their images`;

/** @throws UsageError */
export function parseArguments(args: readonly string[]): Arguments {
  const [name = 'help', ...rest] = args;
  const command = commands.find((candidate) => candidate === name || (candidate === 'help' && name === '--help'));
  if (command === undefined) {
    throw new UsageError(`'${name}' is no command of the bed\n${usage}`);
  }
  if (command !== 'up') {
    return { command, nodes: 1, rest: rest[0] === '--' ? rest.slice(1) : rest };
  }
  return { command, nodes: readNodes(rest), rest: [] };
}

function readNodes(args: readonly string[]): number {
  try {
    const { values } = parseArgs({ args: [...args], options: { nodes: { type: 'string', default: '1' } } });
    const nodes = Number(values.nodes);
    if (!Number.isInteger(nodes) || nodes < 1 || nodes > mostNodes) {
      throw new UsageError(`--nodes is '${values.nodes}': expected 1 to ${mostNodes}`);
    }
    return nodes;
  } catch (error) {
    throw error instanceof UsageError ? error : new UsageError(`${String(error)}\n${usage}`);
  }
}
