import { format } from 'node:util';
import { currentInvocation } from './context.ts';

type Level = 'debug' | 'info' | 'warn' | 'error';

/** One JSON line: `{"time":…,"level":…,"message":…,"requestId":…}`. */
export function log(level: Level, message: string, fields: Readonly<Record<string, unknown>> = {}): void {
  const requestId = currentInvocation.getStore()?.requestId;
  const record = {
    time: new Date().toISOString(),
    level,
    message,
    ...(requestId === undefined ? {} : { requestId }),
    ...fields,
  };
  const stream = level === 'error' || level === 'warn' ? process.stderr : process.stdout;
  stream.write(`${JSON.stringify(record)}\n`);
}

const consoleLevels: Readonly<Record<'debug' | 'trace' | 'log' | 'info' | 'warn' | 'error', Level>> = {
  debug: 'debug',
  trace: 'debug',
  log: 'info',
  info: 'info',
  warn: 'warn',
  error: 'error',
};

/** Turns what user code prints through `console` into log lines with the request's id. */
export function patchConsole(target: Console): void {
  for (const [method, level] of Object.entries(consoleLevels)) {
    target[method as keyof typeof consoleLevels] = (...values: unknown[]) => {
      log(level, format(...values));
    };
  }
}
