import { pino, type LoggerOptions } from 'pino';

/** Field values of a log line; keys are lowerCamelCase and mean the same everywhere (`namespace`, `name`, `revision`). */
export type LogFields = Readonly<Record<string, unknown>>;

/** Constant sentences plus fields, never formatted messages. */
export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** A logger whose lines all carry `fields`. */
  child(fields: LogFields): Logger;
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

export interface LogOptions {
  readonly level: LogLevel;
  /** On every line as `component`. */
  readonly component: string;
  /** Gets each line, with its end; standard output otherwise. */
  readonly write?: (line: string) => void;
}

/** JSON lines: `{"level":"info","time":"…","component":"…","msg":"…",…}`. */
export function createLogger(options: LogOptions): Logger {
  const { level, component, write } = options;
  const settings: LoggerOptions = {
    level,
    base: { component },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    // Node prints a stack; a log line carries the chain of messages instead, `err.stack` included once.
    serializers: { error: pino.stdSerializers.err },
  };
  return wrap(write === undefined ? pino(settings) : pino(settings, { write }));
}

/** Drops everything; the default in tests. */
export const silentLogger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silentLogger,
};

interface PinoLike {
  debug(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
  child(fields: LogFields): PinoLike;
}

function wrap(inner: PinoLike): Logger {
  return {
    debug: (message, fields = {}) => {
      inner.debug(fields, message);
    },
    info: (message, fields = {}) => {
      inner.info(fields, message);
    },
    warn: (message, fields = {}) => {
      inner.warn(fields, message);
    },
    error: (message, fields = {}) => {
      inner.error(fields, message);
    },
    child: (fields) => wrap(inner.child(fields)),
  };
}
