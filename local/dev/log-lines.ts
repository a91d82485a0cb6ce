import { indent, timeOfDay } from '../console/lines.ts';
import { type PositionContext, showPositions, showStack } from './positions.ts';

export interface LogContext extends PositionContext {
  readonly functionName: string;
}

/** A record of the Node.js runtime's log (`runtime-images/nodejs`). */
interface LogRecord {
  readonly time: string;
  readonly level: string;
  readonly message: string;
  readonly error?: unknown;
  /** Of `console.trace` and of warnings. */
  readonly stack?: unknown;
  readonly requestId?: unknown;
  readonly [field: string]: unknown;
}

interface LoggedError {
  readonly name?: string;
  readonly message?: string;
  readonly stack?: string;
  readonly cause?: unknown;
}

/**
 * A line of a function's log for the terminal, `15:04:05.067  info   hello  text`, with the stack of its error below;
 * undefined for what the terminal says in another way (that the code runs, and why it did not load).
 */
export function renderLog(line: string, context: LogContext): string | undefined {
  const record = tryParse(line);
  if (record === undefined) {
    return `              ${''.padEnd(5)}  ${context.functionName}  ${showPositions(line, context)}`;
  }
  if (isSaidElsewhere(record)) {
    return undefined;
  }
  const { time, level, message, error, stack, requestId: _, ...fields } = record;
  const head = [timeOfDay(time), level.padEnd(5), context.functionName, showPositions(message, context)];
  const more = Object.keys(fields).length === 0 ? [] : [showPositions(JSON.stringify(fields), context)];
  const traced = typeof stack === 'string' ? [indent(showStack(stack, context))] : [];
  return [[...head, ...more].join('  '), ...traced, ...renderError(error, context)].join('\n');
}

/** `renderLog` of a line that says why something failed; undefined for any other. */
export function renderFailure(line: string, context: LogContext): string | undefined {
  const level = tryParse(line)?.level;
  return level === 'error' || level === 'fatal' ? renderLog(line, context) : undefined;
}

function tryParse(line: string): LogRecord | undefined {
  if (!line.startsWith('{')) {
    return undefined;
  }
  try {
    const record = JSON.parse(line) as Partial<LogRecord>;
    const isRecord = [record.time, record.level, record.message].every((field) => typeof field === 'string');
    return isRecord ? (record as LogRecord) : undefined;
  } catch {
    return undefined;
  }
}

function isSaidElsewhere({ level, message, reason, signature }: LogRecord): boolean {
  const isServing = message === 'serving' && signature !== undefined;
  return isServing || (level === 'fatal' && (reason === 'CodeDidNotLoad' || reason === 'HandlerNotFound'));
}

/** The stacks of an error and of its causes, indented. */
function renderError(error: unknown, context: LogContext): string[] {
  if (typeof error !== 'object' || error === null) {
    return error === undefined ? [] : [indent(JSON.stringify(error))];
  }
  const { stack, name, message, cause } = error as LoggedError;
  const own = typeof stack === 'string' ? showStack(stack, context) : `${name ?? 'Error'}: ${message ?? ''}`;
  const causes = cause === undefined || cause === null ? [] : ['    caused by', ...renderError(cause, context)];
  return [indent(own), ...causes];
}
