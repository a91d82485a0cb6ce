import type { ValueType } from './declaration.ts';
import type { Estimate } from './estimate.ts';
import { add, exactly, type Size, times, traversal, unknownSize } from './sizes.ts';

/** What a call costs with its arguments, and what comes of it. */
export interface Call {
  readonly cost: number;
  readonly type: ValueType;
  readonly size: Size;
}

interface GlobalCall {
  readonly name: string;
  readonly args: readonly Estimate[];
}

interface MemberCall extends GlobalCall {
  readonly target: Estimate;
}

const resultTypes: Readonly<Record<string, ValueType>> = {
  size: 'int',
  int: 'int',
  uint: 'int',
  double: 'double',
  bool: 'bool',
  string: 'string',
  bytes: 'bytes',
  duration: 'duration',
  timestamp: 'timestamp',
  matches: 'bool',
  contains: 'bool',
  startsWith: 'bool',
  endsWith: 'bool',
  isSorted: 'bool',
  hasValue: 'bool',
  indexOf: 'int',
  lastIndexOf: 'int',
  lowerAscii: 'string',
  upperAscii: 'string',
  substring: 'string',
  trim: 'string',
  replace: 'string',
  join: 'string',
  find: 'string',
  charAt: 'string',
  format: 'string',
  split: 'list',
  findAll: 'list',
};

/** Types of values that can be of any size; the others cost as much as one character. */
export const unsized: readonly ValueType[] = ['string', 'bytes', 'list', 'map', 'dyn', 'object'];

function resultOf(name: string, cost: number, size?: Size): Call {
  const type = resultTypes[name] ?? 'dyn';
  return { cost, type, size: size ?? (unsized.includes(type) ? unknownSize : exactly(1)) };
}

/** `size(x)`, `duration('1s')`, `string(x)`. */
export function callCost({ name, args }: GlobalCall): Call {
  const [first] = args;
  const operands = costOf(args);
  if (first === undefined) {
    return resultOf(name, 1);
  }
  switch (name) {
    case 'matches':
      return memberCost({ name, target: first, args: args.slice(1) });
    case 'url':
      return resultOf(name, operands + traversal(first.size));
    case 'bytes':
      return first.type === 'string'
        ? resultOf(name, operands + traversal(first.size), { min: first.size.min, max: first.size.max * 4 })
        : resultOf(name, operands + 1);
    case 'string':
      return first.type === 'bytes'
        ? resultOf(name, operands + traversal(first.size), { min: Math.floor(first.size.min / 4), max: first.size.max })
        : resultOf(name, operands + 1);
    default:
      return resultOf(name, operands + 1);
  }
}

/** `self.name.startsWith('a')`. */
export function memberCost({ name, target, args }: MemberCall): Call {
  const operands = target.cost + costOf(args);
  const work = functions[name]?.(target, args);
  return work === undefined ? resultOf(name, operands + 1) : resultOf(name, operands + work.cost, work.size);
}

interface Work {
  readonly cost: number;
  readonly size?: Size;
}

type FunctionWork = (target: Estimate, args: readonly Estimate[]) => Work;

/** By what each does: goes through a text once or twice, through two for each other, or through all items. */
const functions: Readonly<Record<string, FunctionWork>> = {
  startsWith: (_, args) => ({ cost: traversal(sizeOf(args)) }),
  endsWith: (_, args) => ({ cost: traversal(sizeOf(args)) }),
  contains: ({ size }, args) => ({ cost: times(traversal(size), traversal(sizeOf(args))) }),
  matches: ({ size }, args) => ({ cost: patternCost(size, sizeOf(args)) }),
  find: ({ size }, args) => ({ cost: patternCost(size, sizeOf(args)), size: { min: 0, max: size.max } }),
  findAll: ({ size }, args) => ({ cost: patternCost(size, sizeOf(args)), size: { min: 0, max: size.max } }),
  lowerAscii: once,
  upperAscii: once,
  substring: once,
  trim: once,
  split: splitWork,
  replace: replaceWork,
  join: joinWork,
  isSorted: itemsWork,
  sum: itemsWork,
  min: itemsWork,
  max: itemsWork,
  indexOf: itemsWork,
  lastIndexOf: itemsWork,
};

/** Each of the characters may meet each part of the pattern, of which there is one in four characters. */
function patternCost(text: Size, pattern: Size): number {
  return times(traversal(add(text, exactly(1))), Math.ceil(pattern.max / 4));
}

function once({ size }: Estimate): Work {
  return { cost: traversal(size), size };
}

/** Into as many parts as there are characters, unless the second argument bounds them. */
function splitWork({ size }: Estimate): Work {
  return { cost: traversal(size, 2), size: { min: 0, max: size.max } };
}

function replaceWork({ size }: Estimate, [what, by]: readonly Estimate[]): Work {
  const [old, replacement] = [what?.size ?? unknownSize, by?.size ?? unknownSize];
  const cost = traversal(size, 2);
  if (old.min === 0) {
    return { cost, size: { min: 0, max: size.max + times(size.max + 1, replacement.max) } };
  }
  const isShorter = replacement.max <= old.min;
  return { cost, size: { min: 0, max: isShorter ? size.max : times(Math.ceil(size.max / old.min), replacement.max) } };
}

function joinWork({ size, declaration }: Estimate, [separator]: readonly Estimate[]): Work {
  const item = declaration?.values?.most ?? Infinity;
  const separators = times(separator?.size.max ?? 0, Math.max(0, size.max - 1));
  const joined = { min: 0, max: times(size.max, item) + separators };
  return { cost: traversal(joined), size: joined };
}

function itemsWork({ size, type, declaration }: Estimate): Work {
  if (type === 'string') {
    return { cost: traversal(size) };
  }
  const { type: itemType = 'dyn', most = 0 } = declaration?.values ?? {};
  const isText = itemType === 'string' || itemType === 'bytes';
  return { cost: times(size.max, 1 + (isText ? traversal({ min: 0, max: most }) : 0)) };
}

function sizeOf([first]: readonly Estimate[]): Size {
  return first?.size ?? unknownSize;
}

function costOf(args: readonly Estimate[]): number {
  return args.reduce((sum, { cost }) => sum + cost, 0);
}
