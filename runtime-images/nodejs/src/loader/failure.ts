import { findMissingModule } from './missing-module.ts';

export interface Position {
  readonly path: string;
  readonly line: number;
  readonly column: number | undefined;
}

export interface FailureFacts {
  /** The real path of the code; what is below it is the author's. */
  readonly folder: string;
  /** The entry file, for errors that have no place. */
  readonly file: string;
  /** Where it is known better than the error does. */
  readonly position?: Position | undefined;
}

/** One line for the author: `SyntaxError: Unexpected token '}' (index.mjs:3:5)`, and what to do where that is known. */
export function describeFailure(error: unknown, facts: FailureFacts): string {
  if (!(error instanceof Error)) {
    return `${facts.file} threw ${typeof error === 'string' ? `'${firstLine(error)}'` : String(error)}`;
  }
  const position = facts.position ?? findPosition(error.stack ?? '', facts.folder);
  const missing = findMissingModule(error);
  const message = firstLine(missing?.message ?? error.message).replaceAll(`${facts.folder}/`, '');
  const place = showPosition(position, facts);
  return `${error.name}: ${message} (${place})${missing?.kind === 'package' ? packageAdvice : adviceOn(message, place)}`;
}

function adviceOn(message: string, place: string): string {
  return commonJsName.test(message) && /\.mjs(?::|$)/u.test(place) ? commonJsAdvice : '';
}

const packageAdvice =
  "; bundle it into the function's files: Packages in docs/how-to/bring-functions-from-elsewhere.md";
const commonJsName = /^(?:exports|module|require|__dirname|__filename) is not defined in ES module scope/u;
const commonJsAdvice =
  '; inline source, as any .mjs, is an ES module: use export and import, or a ConfigMap with index.cjs';

/** A kubelet keeps 4 KiB of a termination message; a reason that long is not read anyway. */
const longestLine = 1000;

function firstLine(text: string): string {
  return (text.split('\n', 1)[0] ?? '').slice(0, longestLine);
}

function showPosition(position: Position | undefined, { folder, file }: FailureFacts): string {
  if (position === undefined) {
    return file;
  }
  const { path, line, column } = position;
  return `${path.replace(`${folder}/`, '')}:${line}${column === undefined ? '' : `:${column}`}`;
}

/** The place at the head of the stack, or else its first frame in the author's code. */
function findPosition(stack: string, folder: string): Position | undefined {
  const head = positionInStack(stack);
  if (head?.path.startsWith(`${folder}/`) === true) {
    return head;
  }
  for (const line of stack.split('\n')) {
    const [, path = '', row, column] = /(?:file:\/\/)?(\/[^()]*?):([0-9]+):([0-9]+)\)?$/u.exec(line) ?? [];
    if (path.startsWith(`${folder}/`)) {
      return { path, line: Number(row), column: Number(column) };
    }
  }
  return undefined;
}

/** Node puts the source of a syntax error above its stack: `path:3`, the line, and carets under the place. */
export function positionInStack(stack: string): Position | undefined {
  const lines = stack.split('\n', 8);
  const [, path, line] = /^(?:file:\/\/)?(.*):([0-9]+)$/u.exec(lines[0] ?? '') ?? [];
  if (path === undefined) {
    return undefined;
  }
  const caret = lines.find((text) => /^\s*\^+\s*$/u.test(text))?.indexOf('^');
  return { path, line: Number(line), column: caret === undefined ? undefined : caret + 1 };
}
