import { parseQuantity } from '../../lib/kube/quantity.ts';
import { expand, type Environment } from './environment.ts';
import type { ImageCommand } from './images.ts';
import { type Container, type Mount, rewritePath } from './mounts.ts';

/** Of a container's memory limit, what Node's heap may take; the rest is for buffers, code and stacks. */
const heapShare = 0.75;
const bytesPerMebibyte = 2 ** 20;

/** The folder in which a container runs. */
interface ContainerFolders {
  readonly work: string;
  readonly temporary: string;
  /** Node's compile cache, shared by all containers: a runtime that has started once starts faster. */
  readonly compileCache: string;
}

export interface CommandInput {
  readonly container: Container;
  readonly image: ImageCommand;
  /** The container's own variables. */
  readonly own: Environment;
  /** What every process here gets of the machine's environment: PATH, TZ, LANG. */
  readonly base: Environment;
  readonly hostname: string;
  readonly folders: ContainerFolders;
  readonly mounts: readonly Mount[];
}

export interface Command {
  readonly command: readonly string[];
  readonly env: Environment;
  readonly folder: string;
  /** The container's variables and arguments before paths are rewritten: all that tells the process of a path in it. */
  readonly told: readonly string[];
}

/** Program, arguments, variables and working folder of a container's process. */
export function makeCommand(input: CommandInput): Command {
  const { container, image, own, base, folders, mounts } = input;
  const machine = {
    ...base,
    HOME: folders.work,
    TMPDIR: folders.temporary,
    HOSTNAME: input.hostname,
    ...(image.isNode === true ? { NODE_COMPILE_CACHE: folders.compileCache } : {}),
  };
  const given = { ...image.env, ...own, ...tellPorts(container, image) };
  const words = [...(container.command ?? []), ...(container.args ?? [])];
  const expanded = words.map((word) => expand(word, { ...machine, ...given }));
  // Only what the container is given: a path of this machine may lie where the container mounts something, in /tmp for example.
  const rewritten = Object.entries(given).map(([name, value]) => [name, rewritePath(value, mounts)] as const);
  const env = { ...machine, ...Object.fromEntries(rewritten) };
  return {
    command: [
      ...(container.command === undefined ? image.command : []),
      ...expanded.map((word) => rewritePath(word, mounts)),
    ],
    env: { ...env, ...(image.isNode === true ? boundHeap(container, env) : {}) },
    folder: container.workingDir === undefined ? folders.work : rewriteFolder(container.workingDir, input),
    told: [...Object.values(given), ...expanded, container.workingDir ?? ''],
  };
}

function tellPorts({ ports = [] }: Container, { portVariables = {} }: ImageCommand): Environment {
  const told = ports.flatMap(({ name = '', containerPort }) => {
    const variable = portVariables[name];
    return variable === undefined ? [] : [[variable, String(containerPort)] as const];
  });
  return Object.fromEntries(told);
}

/** A working folder of the image is not there; one in a volume is. */
function rewriteFolder(workingDir: string, { mounts, folders }: CommandInput): string {
  const rewritten = rewritePath(workingDir, mounts);
  return rewritten === workingDir ? folders.work : rewritten;
}

/** Node sizes its heap by the machine unless told: here nothing else says what the container's limit is. */
function boundHeap(container: Container, env: Environment): Environment {
  const limitBytes = memoryLimitBytes(container);
  const options = env['NODE_OPTIONS'] ?? '';
  if (limitBytes === undefined || options.includes('--max-old-space-size')) {
    return {};
  }
  const heap = Math.max(16, Math.floor((limitBytes * heapShare) / bytesPerMebibyte));
  return { NODE_OPTIONS: `${options} --max-old-space-size=${heap}`.trim() };
}

export function memoryLimitBytes({ resources }: Pick<Container, 'resources'>): number | undefined {
  const limit = resources?.limits?.['memory'];
  return limit === undefined ? undefined : parseQuantity(limit);
}
