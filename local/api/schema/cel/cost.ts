import type { ASTNode, ASTOperator, BinaryOperator } from '@marcbachmann/cel-js';
import { callCost, type Call, memberCost, unsized } from './calls.ts';
import type { Declaration, ValueType } from './declaration.ts';
import type { Estimate } from './estimate.ts';
import { add, either, exactly, times, traversal, unknownSize } from './sizes.ts';

export type Variables = ReadonlyMap<string, Estimate>;

/**
 * The most that a rule can cost, as cel-go's checker estimates it: each value counts as large as its schema allows, each
 * alternative is taken, and no loop ends before its time. https://github.com/google/cel-go/blob/master/checker/cost.go
 */
export function estimateRule(rule: ASTNode, self: Declaration): Estimate {
  return estimate(rule, variablesOf(self));
}

export function variablesOf(self: Declaration): Variables {
  const variable = ofDeclaration(1, self);
  return new Map([
    ['self', variable],
    ['oldSelf', variable],
  ]);
}

type Operator = BinaryOperator | '&&' | '||';

interface Operation {
  readonly op: Operator;
  readonly args: readonly [ASTNode, ASTNode];
}

type Estimators = {
  readonly [Op in ASTOperator]: (node: Extract<ASTNode, { op: Op }>, variables: Variables) => Estimate;
};

function binary({ op, args }: Operation, variables: Variables): Estimate {
  return estimateBinary(op, pair(args, variables));
}

const estimators: Estimators = {
  value: ({ args }) => ofLiteral(args),
  id: ({ args }, variables) => variables.get(args) ?? unnamed(variables),
  '.': ({ args }, variables) => estimateSelect(estimate(args[0], variables), args[1]),
  '.?': ({ args }, variables) => dynamic(1 + estimate(args[0], variables).cost),
  '[]': ({ args }, variables) => estimateIndex(pair(args, variables)),
  '[?]': ({ args }, variables) => dynamic(1 + sumOf(args, variables)),
  call: ({ args }, variables) => estimateCall(args, variables),
  rcall: ({ args }, variables) => estimateMember(args, variables),
  list: ({ args }, variables) => ({ cost: 10 + sumOf(args, variables), type: 'list', size: exactly(args.length) }),
  map: ({ args }, variables) => ({ cost: 30 + sumOf(args.flat(), variables), type: 'map', size: exactly(args.length) }),
  '?:': ({ args }, variables) => estimateChoice(args, variables),
  '!_': ({ args }, variables) => estimateUnary('!_', args, variables),
  '-_': ({ args }, variables) => estimateUnary('-_', args, variables),
  '&&': binary,
  '||': binary,
  in: binary,
  '==': binary,
  '!=': binary,
  '<': binary,
  '<=': binary,
  '>': binary,
  '>=': binary,
  '+': binary,
  '-': binary,
  '*': binary,
  '/': binary,
  '%': binary,
};

/** @param variables what it costs to read each, and what it is */
export function estimate(node: ASTNode, variables: Variables): Estimate {
  const estimator = estimators[node.op] as (node: ASTNode, variables: Variables) => Estimate;
  return estimator(node, variables);
}

function dynamic(cost: number): Estimate {
  return { cost, type: 'dyn', size: unknownSize };
}

/** Names of types, and items of which the schema says nothing: for a real server they are as large as self. */
function unnamed(variables: Variables): Estimate {
  return { cost: 1, type: 'dyn', size: variables.get('self')?.size ?? unknownSize };
}

function scalar(cost: number, type: ValueType): Estimate {
  return { cost, type, size: exactly(1) };
}

function ofDeclaration(cost: number, declaration: Declaration): Estimate {
  return { cost, type: declaration.type, size: { min: 0, max: declaration.most }, declaration };
}

function ofLiteral(value: unknown): Estimate {
  if (typeof value === 'string') {
    return { cost: 0, type: 'string', size: exactly(Array.from(value).length) };
  }
  if (value instanceof Uint8Array) {
    return { cost: 0, type: 'bytes', size: exactly(value.length) };
  }
  if (typeof value === 'bigint') {
    return scalar(0, 'int');
  }
  return scalar(0, typeof value === 'boolean' ? 'bool' : typeof value === 'number' ? 'double' : 'dyn');
}

function estimateSelect(from: Estimate, name: string): Estimate {
  const cost = from.cost + (from.type === 'object' || from.type === 'map' ? 1 : 0);
  const field = from.declaration?.fields?.[unescape(name)];
  return field === undefined ? estimateNamedValue(from, cost) : ofDeclaration(cost, field);
}

/** Of a value of a map that is named like a field, the estimator of a real server knows the type only, not the bounds. */
function estimateNamedValue({ declaration }: Estimate, cost: number): Estimate {
  const type = declaration?.values?.type ?? 'dyn';
  return unsized.includes(type) ? { ...dynamic(cost), type } : scalar(cost, type);
}

const escapes: Readonly<Record<string, string>> = {
  __underscores__: '__',
  __dot__: '.',
  __dash__: '-',
  __slash__: '/',
};

/** Names that CEL cannot say are written otherwise: `__namespace__`, `a__dash__b`. */
export function unescape(name: string): string {
  const plain = name.replaceAll(/__(?:underscores|dot|dash|slash)__/gu, (escape) => escapes[escape] ?? escape);
  return plain.replace(/^__(?<keyword>[a-z]+)__$/u, '$<keyword>');
}

function estimateIndex([container, index]: readonly [Estimate, Estimate]): Estimate {
  const cost = 1 + container.cost + index.cost;
  const values = container.declaration?.values;
  return values === undefined ? dynamic(cost) : ofDeclaration(cost, values);
}

function pair([left, right]: readonly [ASTNode, ASTNode], variables: Variables): readonly [Estimate, Estimate] {
  return [estimate(left, variables), estimate(right, variables)];
}

function sumOf(nodes: readonly ASTNode[], variables: Variables): number {
  return nodes.reduce((sum, node) => sum + estimate(node, variables).cost, 0);
}

function estimateChoice([condition, yes, no]: readonly ASTNode[], variables: Variables): Estimate {
  const [first, second, third] = [condition, yes, no].map((node) =>
    node === undefined ? dynamic(0) : estimate(node, variables),
  ) as [Estimate, Estimate, Estimate];
  return {
    cost: first.cost + Math.max(second.cost, third.cost),
    type: second.type === third.type ? second.type : 'dyn',
    size: either(second.size, third.size),
  };
}

function estimateUnary(op: '!_' | '-_', operand: ASTNode, variables: Variables): Estimate {
  const { cost, type } = estimate(operand, variables);
  // A number with its sign is one literal.
  const isLiteral = op === '-_' && operand.op === 'value';
  return scalar(isLiteral ? 0 : 1 + cost, op === '!_' ? 'bool' : type);
}

const orders: readonly string[] = ['<', '<=', '>', '>='];
/** Compared character by character. */
const texts: readonly ValueType[] = ['string', 'bytes', 'dyn'];

function estimateBinary(op: Operator, [left, right]: readonly [Estimate, Estimate]): Estimate {
  const operands = left.cost + right.cost;
  if (op === '&&' || op === '||') {
    return scalar(operands, 'bool');
  }
  if (op === 'in') {
    // The keys of a map are found without going through them.
    return scalar(operands + (right.type === 'map' ? 1 : right.size.max), 'bool');
  }
  if (op === '+') {
    return estimateSum(left, right);
  }
  return estimateComparison(op, left, right);
}

/** Comparisons, and arithmetic of numbers. */
function estimateComparison(op: Operator, left: Estimate, right: Estimate): Estimate {
  const operands = left.cost + right.cost;
  const shorter = traversal({ min: 0, max: Math.min(left.size.max, right.size.max) });
  if (op === '==' || op === '!=') {
    return scalar(operands + shorter, 'bool');
  }
  const isOrder = orders.includes(op);
  const isOfTexts = isOrder && texts.includes(left.type) && texts.includes(right.type);
  return scalar(operands + (isOfTexts ? Math.max(1, shorter) : 1), isOrder ? 'bool' : left.type);
}

function estimateSum(left: Estimate, right: Estimate): Estimate {
  const size = add(left.size, right.size);
  const type = left.type === 'dyn' ? right.type : left.type;
  const isCopied = texts.includes(type);
  return isCopied || type === 'list'
    ? { cost: left.cost + right.cost + (isCopied ? traversal(size) : 1), type, size }
    : scalar(left.cost + right.cost + 1, type);
}

function estimateCall([name, nodes]: readonly [string, readonly ASTNode[]], variables: Variables): Estimate {
  const [first] = nodes;
  if (name === 'has' && first?.op === '.') {
    // Whether a field is there costs nothing beyond the way to it.
    return scalar(estimate(first.args[0], variables).cost, 'bool');
  }
  if (name === 'dyn' && first !== undefined) {
    const inner = estimate(first, variables);
    return { cost: 1 + inner.cost, type: 'dyn', size: inner.size };
  }
  return called(callCost({ name, args: nodes.map((node) => estimate(node, variables)) }));
}

/** Of `receiver.name(…)`: its name, its receiver, what stands in the parentheses. */
export type MemberArgs = readonly [string, ASTNode, readonly ASTNode[]];

function estimateMember(member: MemberArgs, variables: Variables): Estimate {
  const [name, receiver, nodes] = member;
  const loop = loopOf(member, variables);
  if (loop !== undefined) {
    return estimateLoop(name, loop);
  }
  const bind = bindOf(member, variables);
  if (bind !== undefined) {
    // Once for what the name stands for, and 10 for the list that cel-go goes through for it.
    const result = estimate(bind.body, bind.scope);
    return { ...result, cost: 10 + estimate(bind.init, variables).cost + result.cost };
  }
  const target = estimate(receiver, variables);
  return called(memberCost({ name, target, args: nodes.map((node) => estimate(node, variables)) }));
}

function called({ cost, type, size }: Call): Estimate {
  return { cost, type, size };
}

interface Bind {
  readonly init: ASTNode;
  readonly body: ASTNode;
  readonly scope: Variables;
}

/** `cel.bind(name, init, body)`; undefined for any other call. */
export function bindOf([name, receiver, nodes]: MemberArgs, variables: Variables): Bind | undefined {
  const [variable, init, body] = nodes;
  const isBind = name === 'bind' && receiver.op === 'id' && receiver.args === 'cel';
  if (!isBind || variable?.op !== 'id' || init === undefined || body === undefined) {
    return undefined;
  }
  return { init, body, scope: new Map([...variables, [variable.args, { ...estimate(init, variables), cost: 1 }]]) };
}

interface LoopShape {
  /** Once: the accumulator is made, and read at the end. */
  readonly base: number;
  /** For each element besides what stands in the parentheses: the accumulator, the condition to go on. */
  readonly step: number;
  readonly collects: boolean;
}

/** What the macros unfold to: `all` is a loop over `acc && (…)` while acc is not false, and so on. */
const loops: Readonly<Record<string, LoopShape>> = {
  all: { base: 1, step: 3, collects: false },
  exists: { base: 1, step: 4, collects: false },
  exists_one: { base: 2, step: 2, collects: false },
  existsOne: { base: 2, step: 2, collects: false },
  map: { base: 11, step: 12, collects: true },
  filter: { base: 11, step: 13, collects: true },
};

interface Loop {
  readonly range: Estimate;
  readonly bodies: readonly ASTNode[];
  readonly scope: Variables;
}

/** `range.all(name, body)` and its like; undefined for any other call. */
export function loopOf([name, receiver, nodes]: MemberArgs, variables: Variables): Loop | undefined {
  const [variable, ...bodies] = nodes;
  if (variable?.op !== 'id' || loops[name] === undefined || bodies.length === 0) {
    return undefined;
  }
  const range = estimate(receiver, variables);
  return { range, bodies, scope: new Map([...variables, [variable.args, elementOf(range, variables)]]) };
}

function estimateLoop(name: string, { range, bodies, scope }: Loop): Estimate {
  const shape = loops[name] ?? { base: 0, step: 0, collects: false };
  const cost = range.cost + shape.base + times(range.size.max, sumOf(bodies, scope) + shape.step);
  return shape.collects ? { cost, type: 'list', size: range.size } : scalar(cost, 'bool');
}

/** A loop over a map goes through its keys, of which the schema says nothing. */
function elementOf({ type, declaration }: Estimate, variables: Variables): Estimate {
  if (type === 'list' && declaration?.values !== undefined) {
    return ofDeclaration(1, declaration.values);
  }
  return type === 'map' ? { cost: 1, type: 'string', size: { min: 0, max: 0 } } : unnamed(variables);
}
