import { parseEnv } from 'node:util';
import type { VersionedSpec } from '../../lib/api/function.ts';
import { runtimeEnv } from '../../lib/api/names.ts';

export interface EnvFile {
  readonly env: NonNullable<VersionedSpec['env']>;
  /** Names that the platform sets itself, so that the file's values would never be seen. */
  readonly ignored: readonly string[];
}

/** `KEY=VALUE` lines, as Node's `--env-file` reads them, as the `env` of a Function. */
export function parseEnvFile(text: string): EnvFile {
  const reserved: readonly string[] = Object.values(runtimeEnv);
  const all = Object.entries(parseEnv(text)).map(([name, value = '']) => ({ name, value: literal(value) }));
  return {
    env: all.filter(({ name }) => !reserved.includes(name)),
    ignored: all.map(({ name }) => name).filter((name) => reserved.includes(name)),
  };
}

/** In Kubernetes `$(NAME)` is a reference and `$$` one dollar; in an env file they are only characters. */
function literal(value: string): string {
  return /\$[($]/u.test(value) ? value.replaceAll('$', '$$$$') : value;
}
