import { ConfigError } from '../../lib/errors.ts';
import { type Folders, readFlags, readPort } from '../console/flags.ts';

/** What `npm start` runs with, every default applied. */
export interface LaunchOptions {
  /** Where functions are reached. 0 takes a free one. */
  readonly port: number;
  /** Where the embedded Kubernetes API is reached. 0 takes a free one. */
  readonly apiPort: number;
  /** Holds the cluster's state, the kubeconfig, logs, and the pods' files. Absolute. */
  readonly dataDir: string;
  /** Functions answer at `NAME.NAMESPACE.DOMAIN`. */
  readonly domains: readonly string[];
  /** The cluster goes on where a former run on this folder ended; otherwise it begins empty. */
  readonly keepsState: boolean;
  /** Manifests applied at every start. Absolute. */
  readonly manifests: readonly string[];
  /** Those applied to a new cluster only: what became of them afterwards is the user's. Absolute. */
  readonly examples: readonly string[];
  /** Written as JSON once everything is ready, for scripts. */
  readonly readyFile: string | undefined;
  readonly quiet: boolean;
}

export type ParsedArguments =
  { readonly kind: 'help'; readonly text: string } | { readonly kind: 'launch'; readonly options: LaunchOptions };

export const defaultPort = 8080;
export const defaultApiPort = 6443;

export const helpText = `Flint on this machine: an embedded Kubernetes, the operator and the activator.

Usage: npm start -- [options]

  --port PORT        where functions answer                     (default ${defaultPort}; 0 = any free port)
  --api-port PORT    where the Kubernetes API answers           (default ${defaultApiPort}; 0 = any free port)
  --data DIR         the cluster's state, kubeconfig, logs      (default .flint)
  --domain NAME      functions answer at FUNCTION.NAMESPACE.NAME; may be repeated (default localhost)
  --apply FILE       a manifest to apply at the start; may be repeated (default, in a new cluster: examples/hello.yaml)
  --ready-file FILE  write addresses and process ids there as JSON once ready
  --quiet            no line for each request, scale event and error of a function
  --help             this text

Ctrl-C ends everything it started. What was applied stays in DIR for the next start; remove DIR to begin afresh.`;

const flags = {
  port: { type: 'string', default: String(defaultPort) },
  'api-port': { type: 'string', default: String(defaultApiPort) },
  data: { type: 'string' },
  domain: { type: 'string', multiple: true },
  apply: { type: 'string', multiple: true },
  'ready-file': { type: 'string' },
  quiet: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

/** @throws ConfigError naming every mistake in `args`. */
export function parseArguments(args: readonly string[], folders: Folders): ParsedArguments {
  const { values } = readFlags('npm start', { args: [...args], options: flags, allowPositionals: false });
  if (values.help === true) {
    return { kind: 'help', text: helpText };
  }
  const mistakes: string[] = [];
  const inCwd = (name: string): string => folders.resolve(folders.cwd, name);
  const options: LaunchOptions = {
    port: readPort('--port', values.port, mistakes),
    apiPort: readPort('--api-port', values['api-port'], mistakes),
    dataDir: inCwd(values.data ?? '.flint'),
    domains: values.domain ?? ['localhost'],
    keepsState: true,
    manifests: (values.apply ?? []).map(inCwd),
    examples: values.apply === undefined ? [folders.resolve(folders.project, 'examples/hello.yaml')] : [],
    readyFile: values['ready-file'] === undefined ? undefined : inCwd(values['ready-file']),
    quiet: values.quiet ?? false,
  };
  const wrong = options.domains.filter((domain) => !dnsName.test(domain));
  mistakes.push(
    ...wrong.map((domain) => `--domain is '${domain}': expected a DNS name such as localhost or example.com`),
  );
  if (mistakes.length > 0) {
    throw new ConfigError(mistakes);
  }
  return { kind: 'launch', options };
}

const dnsName = /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/u;
