import { util } from './builtin.ts';
import type { Log } from './log.ts';

const levels = { debug: 'debug', info: 'info', log: 'info', warn: 'warn', error: 'error' } as const;
/** They print tables, groups and counters as text; each of their writes becomes a line. */
const textual = ['assert', 'count', 'dir', 'dirxml', 'group', 'groupCollapsed', 'table', 'timeEnd', 'timeLog'] as const;

/** Makes every method of `target` write JSON lines to `log`. */
export function patchConsole(target: Console, log: Log): void {
  for (const [method, level] of Object.entries(levels) as [keyof typeof levels, 'info'][]) {
    target[method] = (...values: unknown[]) => {
      log[level](format(values), fieldsOf(values));
    };
  }
  target.trace = function trace(...values: unknown[]) {
    const { stack = '' } = captureStack(trace);
    log.error(format(values), { stack: stack.replace(/^.*\n/u, '') });
  };
  let text: Console | undefined;
  const { Console: TextConsole } = target as { readonly Console: Console['Console'] };
  for (const method of [...textual, 'countReset', 'groupEnd', 'time'] as const) {
    target[method] = (...values: unknown[]) => {
      text ??= makeTextConsole(TextConsole, log);
      (text[method] as (...values: unknown[]) => void)(...values);
    };
  }
}

/** Of the code that called `above`. */
function captureStack(above: (...values: unknown[]) => void): { stack?: string } {
  const holder = {};
  Error.captureStackTrace(holder, above);
  return holder;
}

/** An error is told in one line; its stack goes to the field `error`. */
function format(values: readonly unknown[]): string {
  const shown = values.map((value) => (value instanceof Error ? `${value.name}: ${value.message}` : value));
  return util.formatWithOptions({ breakLength: Infinity, depth: 4 }, ...shown);
}

function fieldsOf(values: readonly unknown[]): { error?: Error } {
  const error = values.find((value) => value instanceof Error);
  return error === undefined ? {} : { error };
}

function makeTextConsole(TextConsole: Console['Console'], log: Log): Console {
  const sink = (level: 'info' | 'error') => ({
    write: (text: string) => {
      log[level](text.replace(/\n$/u, ''));
      return true;
    },
    // Console listens for errors of its streams; these have none.
    once: () => undefined,
    removeListener: () => undefined,
    on: () => undefined,
    listenerCount: () => 0,
  });
  const [stdout, stderr] = [sink('info'), sink('error')] as unknown as [NodeJS.WritableStream, NodeJS.WritableStream];
  return new TextConsole({ stdout, stderr });
}
