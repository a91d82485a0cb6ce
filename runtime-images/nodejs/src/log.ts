import { fs, util } from './builtin.ts';

type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'fatal';
export type LogFields = Readonly<Record<string, unknown>>;

/** One JSON line a call. `error` among the fields is written with name, message, stack and causes. */
export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** The process ends because of this. */
  fatal(message: string, fields?: LogFields): void;
}

export interface LogDeps {
  /** Milliseconds since the Unix epoch. */
  readonly now: () => number;
  readonly write: (fd: 1 | 2, line: string) => void;
  /** Fields of what runs at the moment, such as the request id. */
  readonly current: () => LogFields;
}

/** A container runtime cuts lines at 16 KiB and joins them again; beyond this a message is not for reading any more. */
const longestMessage = 64 * 1024;

/** `{"time":"…","level":"info","message":"…","requestId":"…",…}`; debug and info on stdout, the rest on stderr. */
export function createLog(deps: LogDeps): Log {
  const at =
    (level: LogLevel, fd: 1 | 2) =>
    (message: string, fields: LogFields = {}): void => {
      const record = { time: new Date(deps.now()).toISOString(), level, message: bounded(message), ...deps.current() };
      deps.write(fd, stringify({ ...fields, ...record }, Object.keys(record)));
    };
  return {
    debug: at('debug', 1),
    info: at('info', 1),
    warn: at('warn', 2),
    error: at('error', 2),
    fatal: at('fatal', 2),
  };
}

function bounded(text: string): string {
  return text.length <= longestMessage ? text : `${text.slice(0, longestMessage)}… (${text.length} characters)`;
}

/** Own keys first, and never replaced by a caller's field of the same name. What JSON cannot say is shown as text. */
function stringify(record: LogFields, first: readonly string[]): string {
  const ordered = Object.fromEntries([...first.map((key) => [key, record[key]] as const), ...Object.entries(record)]);
  try {
    return JSON.stringify(ordered, replace);
  } catch {
    // A cycle, or a toJSON that throws: only the fields can be the cause.
    const own = Object.fromEntries(first.map((key) => [key, record[key]]));
    return JSON.stringify({ ...own, fields: bounded(util.inspect(record, { depth: 4, breakLength: Infinity })) });
  }
}

function replace(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') {
    return value.toString();
  }
  return value instanceof Error ? describeError(value) : value;
}

function describeError(error: Error): LogFields {
  const { name, message, stack, cause } = error;
  const own = Object.fromEntries(Object.entries(error));
  return { ...own, name, message, stack, ...(cause === undefined ? {} : { cause }) };
}

const waitMs = 10;
const mostWaits = 100;

/**
 * Writes before it returns, so that no line is lost when the process ends right after. A pipe that nobody empties for
 * one second loses the line: a function must not hang because its log collector does.
 */
export function writeLine(fd: 1 | 2, line: string): void {
  const bytes = Buffer.from(`${line}\n`);
  let offset = 0;
  let waits = 0;
  while (offset < bytes.length && waits < mostWaits) {
    try {
      offset += fs.writeSync(fd, bytes, offset);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') {
        return; // EPIPE: nobody reads any more, so there is nobody to tell either.
      }
      // Whoever touches process.stdout makes a pipe non-blocking.
      waits += 1;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, waitMs);
    }
  }
}
