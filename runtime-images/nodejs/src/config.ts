import { StartFailure } from './start-failure.ts';

/** The ways to write a handler that there are; the README has each. */
const signatures = [
  'fetch',
  'http',
  'lambda',
  'google-http',
  'google-event',
  'cloudevent',
  'knative',
  'openfaas',
] as const;

export type Signature = (typeof signatures)[number];

/** What the runtime reads of its environment; `CONTRACT.md` has the list, this file the defaults. */
export interface Config {
  readonly port: number;
  /** Undefined: every interface, IPv6 and IPv4. */
  readonly host: string | undefined;
  readonly codePath: string;
  /** `file.export`; undefined: detected. */
  readonly handler: string | undefined;
  readonly signature: Signature | 'auto';
  /** Of the Functions Framework: which function is meant, by its registered or exported name. */
  readonly functionTarget: string | undefined;
  /** Of the Functions Framework: how that function is called. */
  readonly functionSignature: Signature | undefined;
  /** Where the handler may be when nobody says, in order of preference. */
  readonly entryFiles: readonly string[];
  readonly functionName: string;
  readonly namespace: string;
  readonly revision: string;
  /** How long running requests may go on after SIGTERM. 0: not at all. */
  readonly drainMs: number;
  /** Of a request's body. 0: no limit. */
  readonly maxBodyBytes: number;
}

export type Environment = Readonly<Record<string, string | undefined>>;

const names = ['index', 'function', 'handler'];

/** What plain files may be called, in order. Where both stand side by side, JavaScript is what a build made. */
export const extensions = ['.mjs', '.js', '.cjs', '.ts', '.mts', '.cts'];

export const defaultEntryFiles: readonly string[] = names.flatMap((name) =>
  extensions.map((extension) => name + extension),
);

/** @throws StartFailure that lists every wrong setting */
export function loadConfig(env: Environment): Config {
  const problems: string[] = [];
  const read = <T>(name: string, fallback: string, parse: (text: string) => T): T => {
    const text = optional(env[name]) ?? fallback;
    try {
      return parse(text);
    } catch (error) {
      problems.push(`${name} is '${text}': ${(error as Error).message}`);
      return parse(fallback);
    }
  };
  const config: Config = {
    port: read('PORT', '8080', parsePort),
    host: optional(env['HOST']),
    codePath: optional(env['FLINT_CODE_PATH']) ?? '/flint/code',
    handler: optional(env['FLINT_HANDLER']),
    signature: read('FLINT_SIGNATURE', 'auto', parseSignature),
    functionTarget: optional(env['FUNCTION_TARGET']),
    functionSignature: read('FUNCTION_SIGNATURE_TYPE', '', parseFrameworkType),
    entryFiles: read('FLINT_ENTRY_FILES', defaultEntryFiles.join(','), parseList),
    functionName: env['FLINT_FUNCTION'] ?? '',
    namespace: env['FLINT_NAMESPACE'] ?? '',
    revision: env['FLINT_REVISION'] ?? '',
    drainMs: read('FLINT_DRAIN_TIMEOUT', '30s', parseDurationMs),
    maxBodyBytes: read('FLINT_MAX_BODY_BYTES', '104857600', parseBytes),
  };
  if (problems.length > 0) {
    throw new StartFailure('BadConfiguration', problems.join('; '));
  }
  return config;
}

function optional(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}

function parsePort(text: string): number {
  const port = Number(text);
  if (!/^[0-9]{1,5}$/u.test(text) || port > 65_535) {
    throw new Error('expected a number from 0 to 65535');
  }
  return port;
}

function parseSignature(text: string): Config['signature'] {
  const signature = (['auto', ...signatures] as const).find((candidate) => candidate === text);
  if (signature === undefined) {
    throw new Error(`expected auto, ${signatures.slice(0, -1).join(', ')} or ${signatures.at(-1) ?? ''}`);
  }
  return signature;
}

/** The Functions Framework's own names, of which `typed` is not served. */
const frameworkTypes = new Map<string, Signature | undefined>([
  ['', undefined],
  ['http', 'google-http'],
  ['event', 'google-event'],
  ['cloudevent', 'cloudevent'],
]);

function parseFrameworkType(text: string): Signature | undefined {
  if (!frameworkTypes.has(text)) {
    throw new Error('expected http, event or cloudevent');
  }
  return frameworkTypes.get(text);
}

function parseList(text: string): string[] {
  const parts = text.split(',').map((part) => part.trim());
  if (parts.some((part) => part === '' || part.includes('/'))) {
    throw new Error('expected file names separated by commas');
  }
  return parts;
}

function parseBytes(text: string): number {
  if (!/^[0-9]{1,15}$/u.test(text)) {
    throw new Error('expected a number of bytes, 0 for no limit');
  }
  return Number(text);
}

const unitMs: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 };

/** Durations as in the Gateway API (GEP-2257): `500ms`, `30s`, `1h30m`. */
function parseDurationMs(text: string): number {
  if (!/^([0-9]{1,5}(h|m|s|ms)){1,4}$/u.test(text)) {
    throw new Error('expected a duration such as 500ms, 30s or 1h30m');
  }
  let total = 0;
  for (const [, digits, unit = 'ms'] of text.matchAll(/([0-9]+)(ms|h|m|s)/gu)) {
    total += Number(digits) * (unitMs[unit] ?? 0);
  }
  return total;
}
