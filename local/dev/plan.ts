import { readFile } from 'node:fs/promises';
import { dump } from 'js-yaml';
import { ConfigError } from '../../lib/errors.ts';
import { type EnvFile, parseEnvFile } from './env-file.ts';
import { type FunctionObjects, functionOf, nameOf, SourceError } from './function-of.ts';
import type { DevOptions } from './options.ts';
import { readSource } from './read-source.ts';
import type { Watched } from './watch.ts';

/** One function, and how to read it again. */
export interface PlannedFunction extends Watched {
  readonly objects: FunctionObjects;
  /** @throws SourceError */
  readonly read: () => Promise<FunctionObjects>;
}

/** What the arguments stand for, read from disk. @throws ConfigError naming everything that cannot be served */
export async function plan(options: DevOptions, say: (line: string) => void): Promise<readonly PlannedFunction[]> {
  const attempts = await Promise.allSettled(options.sources.map((path) => planOne(path, options)));
  const mistakes = attempts.flatMap((attempt) => (attempt.status === 'rejected' ? [mistakeIn(attempt.reason)] : []));
  const planned = attempts.flatMap((attempt) => (attempt.status === 'fulfilled' ? [attempt.value] : []));
  mistakes.push(...duplicatesIn(planned));
  if (mistakes.length > 0) {
    throw new ConfigError([...new Set(mistakes)]);
  }
  const { ignored } = await readEnvFile(options.envFile);
  if (ignored.length > 0) {
    say(`left out of ${options.envFile ?? ''}, since Flint sets it: ${ignored.join(', ')}`);
  }
  return planned;
}

/** The objects as one file for `kubectl apply`, without what only the loop wants. */
export function toYaml(planned: readonly PlannedFunction[]): string {
  return planned
    .flatMap(({ objects: { fn, configMap } }) => [...(configMap === undefined ? [] : [configMap]), fn])
    .map((object) => dump(object, { lineWidth: -1, noRefs: true }))
    .join('---\n');
}

async function planOne(path: string, { name: wanted, envFile }: DevOptions): Promise<PlannedFunction> {
  const name = wanted ?? nameOf(path);
  const read = async (): Promise<FunctionObjects> => {
    const [source, { env }] = await Promise.all([readSource(path), readEnvFile(envFile)]);
    return functionOf(source, { name, env });
  };
  const { kind } = await readSource(path);
  return { path, kind, objects: await read(), read };
}

async function readEnvFile(file: string | undefined): Promise<EnvFile> {
  if (file === undefined) {
    return { env: [], ignored: [] };
  }
  try {
    return parseEnvFile(await readFile(file, 'utf8'));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new SourceError(`--env-file ${file} cannot be read: ${code ?? String(error)}`, { cause: error });
  }
}

function mistakeIn(error: unknown): string {
  if (error instanceof SourceError) {
    return error.message;
  }
  throw error;
}

function duplicatesIn(planned: readonly PlannedFunction[]): string[] {
  const byName = Map.groupBy(planned, ({ objects }) => objects.fn.metadata.name);
  return [...byName]
    .filter(([, same]) => same.length > 1)
    .map(([name, same]) => `${same.map(({ path }) => path).join(' and ')} would both be the function '${name}'`);
}
