import { parseArgs, type ParseArgsConfig } from 'node:util';
import { ConfigError, errorMessage } from '../../lib/errors.ts';

/** Where relative names in the arguments start, and where the project's own files are. */
export interface Folders {
  readonly cwd: string;
  readonly project: string;
  readonly resolve: (base: string, name: string) => string;
}

/** @param command as the user typed it, `npm start` @throws ConfigError for what `config` does not know. */
export function readFlags<T extends ParseArgsConfig>(command: string, config: T): ReturnType<typeof parseArgs<T>> {
  try {
    return parseArgs(config);
  } catch (error) {
    throw new ConfigError([`${errorMessage(error)}; see ${command} -- --help`]);
  }
}

/** The port that `text` says, 0 for a free one; what is none is noted in `mistakes`. */
export function readPort(flag: string, text: string, mistakes: string[]): number {
  const port = Number(text);
  if (!/^[0-9]+$/u.test(text) || port > 65_535) {
    mistakes.push(`${flag} is '${text}': expected a port from 0 to 65535`);
  }
  return port;
}
