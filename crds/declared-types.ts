import { join } from 'node:path';
import ts from 'typescript';

/** A type as far as a schema can say the same. */
export type DeclaredType =
  | { readonly kind: 'string' | 'number' | 'boolean' | 'int-or-string' | 'unknown' }
  | { readonly kind: 'choice'; readonly choices: readonly string[] }
  | { readonly kind: 'list'; readonly items: DeclaredType }
  | { readonly kind: 'map'; readonly values: DeclaredType }
  | ObjectType;

export interface ObjectType {
  readonly kind: 'object';
  /** Of Kubernetes itself: a CRD may leave fields of it out. */
  readonly isForeign: boolean;
  readonly fields: ReadonlyMap<string, { readonly isOptional: boolean; readonly type: DeclaredType }>;
}

const project = join(import.meta.dirname, '..');

/** Reads exported interfaces of the project as the compiler sees them. */
export class TypeReader {
  readonly #checker: ts.TypeChecker;
  readonly #program: ts.Program;

  constructor(files: readonly string[]) {
    this.#program = ts.createProgram(
      files.map((file) => join(project, file)),
      { ...compilerOptions(), noEmit: true },
    );
    this.#checker = this.#program.getTypeChecker();
  }

  /** @throws Error when the file exports no such type */
  read(file: string, name: string): DeclaredType {
    const source = this.#program.getSourceFile(join(project, file));
    const module = source === undefined ? undefined : this.#checker.getSymbolAtLocation(source);
    const symbol = module?.exports?.get(ts.escapeLeadingUnderscores(name));
    if (symbol === undefined) {
      throw new Error(`${file} exports no ${name}`);
    }
    return this.#describe(this.#checker.getDeclaredTypeOfSymbol(symbol));
  }

  #describe(optional: ts.Type): DeclaredType {
    const type = this.#checker.getNonNullableType(optional);
    if (type.isUnion()) {
      return describeUnion(type);
    }
    const list = this.#checker.isArrayType(type)
      ? this.#checker.getTypeArguments(type as ts.TypeReference)[0]
      : undefined;
    if (list !== undefined) {
      return { kind: 'list', items: this.#describe(list) };
    }
    const values = type.getStringIndexType();
    if (values !== undefined) {
      return { kind: 'map', values: this.#describe(values) };
    }
    return describeScalar(type) ?? this.#describeObject(type);
  }

  #describeObject(type: ts.Type): DeclaredType {
    const properties = type.getProperties();
    if (properties.length === 0) {
      return { kind: 'unknown' };
    }
    const describe = (symbol: ts.Symbol): readonly [string, { isOptional: boolean; type: DeclaredType }] => {
      const isOptional = (symbol.flags & ts.SymbolFlags.Optional) !== 0;
      return [symbol.name, { isOptional, type: this.#describeOnce(this.#checker.getTypeOfSymbol(symbol)) }];
    };
    const declarations = properties.flatMap((property) => property.declarations ?? []);
    const isForeign = declarations.some((node) => node.getSourceFile().fileName.includes('/node_modules/'));
    return { kind: 'object', isForeign, fields: new Map(properties.map(describe)) };
  }

  readonly #open = new Set<ts.Type>();

  /** Types of Kubernetes contain themselves. */
  #describeOnce(type: ts.Type): DeclaredType {
    if (this.#open.has(type)) {
      return { kind: 'unknown' };
    }
    this.#open.add(type);
    try {
      return this.#describe(type);
    } finally {
      this.#open.delete(type);
    }
  }
}

function describeUnion(type: ts.UnionType): DeclaredType {
  const literals = type.types.flatMap((member) => (member.isStringLiteral() ? [member.value] : []));
  if (literals.length === type.types.length) {
    return { kind: 'choice', choices: literals.toSorted() };
  }
  const kinds = type.types.map(describeScalar).map((member) => member?.kind);
  if (kinds.every((kind) => kind === 'boolean')) {
    return { kind: 'boolean' };
  }
  return kinds.every((kind) => kind === 'string' || kind === 'number')
    ? { kind: 'int-or-string' }
    : { kind: 'unknown' };
}

function describeScalar(type: ts.Type): DeclaredType | undefined {
  const is = (flags: ts.TypeFlags): boolean => (type.flags & flags) !== 0;
  if (is(ts.TypeFlags.StringLike)) {
    return type.isStringLiteral() ? { kind: 'choice', choices: [type.value] } : { kind: 'string' };
  }
  if (is(ts.TypeFlags.NumberLike)) {
    return { kind: 'number' };
  }
  if (is(ts.TypeFlags.BooleanLike)) {
    return { kind: 'boolean' };
  }
  return is(ts.TypeFlags.Unknown | ts.TypeFlags.Any) ? { kind: 'unknown' } : undefined;
}

function compilerOptions(): ts.CompilerOptions {
  const { config } = ts.readConfigFile(join(project, 'tsconfig.json'), (path) => ts.sys.readFile(path)) as {
    config: object;
  };
  return ts.parseJsonConfigFileContent({ ...config, include: [] }, ts.sys, project).options;
}
