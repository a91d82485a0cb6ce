import { ConfigError } from '../../lib/errors.ts';
import { type Folders, readFlags, readPort } from '../console/flags.ts';
import { defaultPort } from '../launch/options.ts';

/** What `npm run dev` runs with, every default applied. Names of files are absolute. */
export interface DevOptions {
  /** Files and folders, each of them one function. */
  readonly sources: readonly string[];
  /** The function's name in place of the one that its file has. */
  readonly name: string | undefined;
  readonly envFile: string | undefined;
  /** Where functions are reached. 0 takes a free one. */
  readonly port: number;
  /** Holds the kubeconfig, logs, and the pods' files. */
  readonly dataDir: string;
  /** Print the YAML that it stands for, and run nothing. */
  readonly print: boolean;
}

export type ParsedArguments =
  { readonly kind: 'help'; readonly text: string } | { readonly kind: 'dev'; readonly options: DevOptions };

export const helpText = `Serves functions from local files, and serves them anew whenever a file is saved.

Usage: npm run dev -- FILE_OR_FOLDER... [options]

  FILE_OR_FOLDER     a function: one file, or a folder with an index file (.mjs, .js, .cjs, .ts, .mts)
  --port PORT        where functions answer                     (default ${defaultPort}; 0 = any free port)
  --env-file FILE    KEY=VALUE lines: the environment of every function
  --name NAME        the function's name; that of its file or folder otherwise
  --print            print the YAML that it stands for, for kubectl apply, and run nothing
  --data DIR         kubeconfig, logs and the pods' files       (default .flint/dev)
  --help             this text

Ctrl-C ends everything it started.`;

const flags = {
  port: { type: 'string', default: String(defaultPort) },
  'env-file': { type: 'string' },
  name: { type: 'string' },
  print: { type: 'boolean' },
  data: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

/** @throws ConfigError naming every mistake in `args`. */
export function parseArguments(args: readonly string[], folders: Folders): ParsedArguments {
  const { values, positionals } = readFlags('npm run dev', {
    args: [...args],
    options: flags,
    allowPositionals: true,
  });
  if (values.help === true) {
    return { kind: 'help', text: helpText };
  }
  const mistakes = positionals.length === 0 ? ['no file or folder: expected npm run dev -- FILE_OR_FOLDER...'] : [];
  const port = readPort('--port', values.port, mistakes);
  mistakes.push(...nameMistakes(values.name, positionals.length));
  if (mistakes.length > 0) {
    throw new ConfigError(mistakes);
  }
  const inCwd = (name: string): string => folders.resolve(folders.cwd, name);
  const options: DevOptions = {
    sources: positionals.map(inCwd),
    name: values.name,
    envFile: values['env-file'] === undefined ? undefined : inCwd(values['env-file']),
    port,
    dataDir: values.data === undefined ? folders.resolve(folders.project, '.flint/dev') : inCwd(values.data),
    print: values.print ?? false,
  };
  return { kind: 'dev', options };
}

/** RFC 1035: a Service has the function's name. */
const dnsLabel = /^[a-z]([-a-z0-9]*[a-z0-9])?$/u;
/** With a Revision's hash it is still a DNS label. */
export const longestName = 52;

export function isFunctionName(name: string): boolean {
  return name.length <= longestName && dnsLabel.test(name);
}

function nameMistakes(name: string | undefined, sources: number): string[] {
  if (name === undefined) {
    return [];
  }
  return [
    ...(isFunctionName(name)
      ? []
      : [
          `--name is '${name}': expected at most ${longestName} lower case letters, digits and '-', the first a letter and the last no '-'`,
        ]),
    ...(sources > 1 ? [`--name is for one function, and there are ${sources}`] : []),
  ];
}
