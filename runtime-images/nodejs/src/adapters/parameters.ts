/**
 * The parameter names in the source of a function, as `Function.prototype.toString` gives it. A pattern or a rest parameter
 * is told by its first characters, `{…` or `...rest`; of a native function there are none. Good enough to read a
 * convention, no parser: a default value that holds a string with unbalanced brackets misleads it.
 */
export function parameterNames(source: string): string[] {
  const text = source.replaceAll(/\/\*[^]*?\*\/|\/\/[^\n]*/gu, ' ');
  const single = /^\s*(?:async\s+)?([\w$]+)\s*=>/u.exec(text);
  if (single?.[1] !== undefined) {
    return [single[1]];
  }
  const start = text.indexOf('(');
  return start < 0 ? [] : splitParameters(text, start).map((part) => part.replace(/\s*=[^]*$/u, '').trim());
}

const opening = '([{';
const closing = ')]}';

/** The parts between the commas of the bracket that opens at `start`. */
function splitParameters(text: string, start: number): string[] {
  const parts: string[] = [];
  let depth = 0;
  let from = start + 1;
  for (let index = start; index < text.length; index++) {
    const character = text.charAt(index);
    depth += opening.includes(character) ? 1 : closing.includes(character) ? -1 : 0;
    if (depth === 0 || (depth === 1 && character === ',')) {
      parts.push(text.slice(from, index).trim());
      from = index + 1;
    }
    if (depth === 0) {
      break;
    }
  }
  return parts.filter((part) => part !== '');
}
