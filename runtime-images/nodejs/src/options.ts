import { ExitError, exitCodes } from './exit.ts';

/** What the container's environment says; the contract is `runtime-images/CONTRACT.md`. */
export interface Options {
  readonly host: string | undefined;
  readonly port: number;
  readonly codePath: string;
  /** `file.export`. */
  readonly handler: string | undefined;
  readonly functionName: string;
  readonly namespace: string;
  readonly revision: string;
  readonly terminationLog: string | undefined;
  readonly drainMs: number;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** @throws ExitError with the code for a bad configuration. */
export function parseOptions(env: Environment): Options {
  return {
    host: env['HOST'],
    port: parsePort(env['PORT'] ?? '8080'),
    codePath: env['FLINT_CODE_PATH'] ?? '/flint/code',
    handler: env['FLINT_HANDLER'],
    functionName: env['FLINT_FUNCTION'] ?? '',
    namespace: env['FLINT_NAMESPACE'] ?? '',
    revision: env['FLINT_REVISION'] ?? '',
    terminationLog: env['FLINT_TERMINATION_LOG'],
    drainMs: parseDuration(env['FLINT_DRAIN_TIMEOUT'] ?? '30s'),
  };
}

function parsePort(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new ExitError(
      exitCodes.badConfiguration,
      'BadConfiguration',
      `PORT is '${text}': expected a number from 0 to 65535`,
    );
  }
  return port;
}

const units: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 };

function parseDuration(text: string): number {
  if (!/^([0-9]{1,5}(h|m|s|ms)){1,4}$/u.test(text)) {
    throw new ExitError(
      exitCodes.badConfiguration,
      'BadConfiguration',
      `FLINT_DRAIN_TIMEOUT is '${text}': expected a duration such as 30s`,
    );
  }
  let total = 0;
  for (const [, digits, unit] of text.matchAll(/([0-9]+)(ms|h|m|s)/gu)) {
    total += Number(digits) * (units[unit ?? ''] ?? 0);
  }
  return total;
}
