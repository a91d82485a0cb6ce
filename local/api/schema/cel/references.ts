import type { ASTNode } from '@marcbachmann/cel-js';
import { bindOf, estimate, loopOf, type MemberArgs, unescape, type Variables, variablesOf } from './cost.ts';
import type { Declaration } from './declaration.ts';

/** Something in a rule that is not there. */
export interface Unknown {
  readonly what: string;
  /** Where in the rule, from 0. */
  readonly at: number;
}

/** Types, and the beginnings of the names of functions. */
const names: readonly string[] = [
  ...['int', 'uint', 'double', 'bool', 'string', 'bytes', 'list', 'map', 'null_type', 'type', 'google'],
  ...['cel', 'optional', 'sets', 'math', 'format', 'ip', 'cidr', 'semver', 'base64', 'strings', 'lists'],
];

/** The fields and names in a rule that the schema does not know: reading them could never succeed. */
export function unknownIn(rule: ASTNode, self: Declaration): readonly Unknown[] {
  return [...visit(rule, variablesOf(self))].flatMap((visited) => unknownField(visited) ?? unknownName(visited) ?? []);
}

export function usesOldSelf(rule: ASTNode, self: Declaration): boolean {
  return [...visit(rule, variablesOf(self))].some(({ node }) => node.op === 'id' && node.args === 'oldSelf');
}

interface Visited {
  readonly node: ASTNode;
  /** What names mean there. */
  readonly variables: Variables;
}

function unknownField({ node, variables }: Visited): Unknown | undefined {
  if (node.op !== '.') {
    return undefined;
  }
  const [from, name] = node.args;
  const { declaration } = estimate(from, variables);
  const isKnown = declaration?.fields === undefined || declaration.fields[unescape(name)] !== undefined;
  // What is wrong is shown at the dot.
  return isKnown ? undefined : { what: `undefined field '${name}'`, at: node.pos - 1 };
}

function unknownName({ node, variables }: Visited): Unknown | undefined {
  return node.op !== 'id' || variables.has(node.args) || names.includes(node.args)
    ? undefined
    : { what: `undeclared reference to '${node.args}' (in container '')`, at: node.pos };
}

function* visit(node: ASTNode, variables: Variables): Generator<Visited> {
  yield { node, variables };
  for (const below of partsOf(node, variables)) {
    yield* visit(below.node, below.variables);
  }
}

function partsOf(node: ASTNode, variables: Variables): readonly Visited[] {
  if (node.op === 'rcall') {
    return partsOfMember(node.args, variables);
  }
  // A call has its name in front, a selection its field behind: what is no node is no part.
  const args = [node.args].flat(3) as readonly unknown[];
  return args.filter(isNode).map((part) => ({ node: part, variables }));
}

function isNode(value: unknown): value is ASTNode {
  return typeof value === 'object' && value !== null && 'op' in value;
}

function partsOfMember(member: MemberArgs, variables: Variables): readonly Visited[] {
  const [, receiver, args] = member;
  const loop = loopOf(member, variables);
  const bind = bindOf(member, variables);
  const [outside, inside, scope] =
    loop !== undefined
      ? [[receiver], loop.bodies, loop.scope]
      : bind !== undefined
        ? [[bind.init], [bind.body], bind.scope]
        : [[receiver, ...args], [], variables];
  return [...outside.map((node) => ({ node, variables })), ...inside.map((node) => ({ node, variables: scope }))];
}
