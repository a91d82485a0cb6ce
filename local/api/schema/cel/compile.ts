import { type ASTNode, ParseError } from '@marcbachmann/cel-js';
import { errorMessage } from '../../../../lib/errors.ts';
import { estimateRule } from './cost.ts';
import type { Declaration } from './declaration.ts';
import { makeEnvironment } from './environment.ts';
import { unknownIn, usesOldSelf } from './references.ts';

export interface Compiled {
  /** Units of work at most. */
  readonly cost: number;
  /** It speaks of a change, not of a value. */
  readonly isTransition: boolean;
}

const environment = makeEnvironment();

/** @returns what it can cost, or in the words of a real server why it is no expression of this type about `self` */
export function compile(
  expression: string,
  self: Declaration,
  type: 'bool' | 'string',
): Compiled | { readonly error: string } {
  const parsed = parse(expression);
  if ('error' in parsed) {
    return { error: `compilation failed: ${parsed.error}` };
  }
  const unknown = unknownIn(parsed.ast, self).map(({ what, at }) => pointAt(expression, what, at));
  if (unknown.length > 0) {
    return { error: `compilation failed: ${unknown.join('\n')}` };
  }
  const { cost, type: found } = estimateRule(parsed.ast, self);
  if (found !== type && found !== 'dyn') {
    const subject = type === 'bool' ? 'cel expression' : 'messageExpression';
    return { error: `${subject} must evaluate to a ${type}` };
  }
  return { cost, isTransition: usesOldSelf(parsed.ast, self) };
}

function parse(expression: string): { readonly ast: ASTNode } | { readonly error: string } {
  try {
    return environment.parse(expression);
  } catch (error) {
    return error instanceof ParseError
      ? { error: pointAt(expression, `Syntax error: ${error.summary}`, error.range?.start ?? 0) }
      : { error: errorMessage(error) };
  }
}

/** As compilers do: line and column from 1, the line itself, and an arrow under the place. */
function pointAt(expression: string, what: string, at: number): string {
  const before = expression.slice(0, at).split('\n');
  const column = before.at(-1)?.length ?? 0;
  const line = expression.split('\n')[before.length - 1] ?? '';
  return `ERROR: <input>:${before.length}:${column + 1}: ${what}\n | ${line}\n | ${'.'.repeat(column)}^`;
}
