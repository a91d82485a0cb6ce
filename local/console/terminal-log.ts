import { createLogger, type Logger, type LogLevel } from '../../lib/log.ts';
import { indent, timeOfDay } from './lines.ts';

interface LogRecord {
  readonly time: string;
  readonly level: string;
  readonly component: string;
  readonly msg: string;
  readonly error?: string | { readonly stack?: string };
  readonly [field: string]: unknown;
}

/** What `npm start` has to say of itself, for a person: `say` gets a line, with the stack of its error below. */
export function createTerminalLogger(level: LogLevel, say: (text: string) => void): Logger {
  return createLogger({
    level,
    component: 'local',
    write: (line) => {
      say(renderLogLine(line));
    },
  });
}

/** `15:04:05.123  warn   pod status not written  retryMs=500: the server is busy`. */
function renderLogLine(line: string): string {
  const { time, level, component: _, msg, error, ...fields } = JSON.parse(line) as LogRecord;
  const told = Object.entries(fields).map(
    ([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  const head = [timeOfDay(time), level.padEnd(5), msg, ...told].join('  ');
  if (error === undefined) {
    return head;
  }
  return typeof error === 'string' ? `${head}: ${error}` : `${head}\n${indent(error.stack ?? JSON.stringify(error))}`;
}
