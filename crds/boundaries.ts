import type { Schema } from '../local/api/schema/schema.ts';
import { fill, leastValue } from './least-value.ts';
import { nodesOf, type Path, showPath } from './schema-nodes.ts';

/** A value at, or just beyond, a bound, in an object that is valid otherwise. */
export interface BoundaryCase {
  /** `spec.port: 65536 (maximum 65535)` */
  readonly name: string;
  /** Of the schema node that it is about. */
  readonly path: Path;
  readonly bound: Bound;
  readonly object: object;
  /** Where a server has to refuse it, as in `causes[].field` of its answer; undefined when it has to accept it. */
  readonly refusedAt: string | undefined;
  /** Part of what a server says there, the bound itself in it. */
  readonly says: string;
}

/** The keyword of the schema that the value is about. */
type Bound =
  | 'type'
  | 'enum'
  | 'minimum'
  | 'maximum'
  | 'minLength'
  | 'maxLength'
  | 'pattern'
  | 'minItems'
  | 'maxItems'
  | 'maxProperties'
  | 'required'
  | 'duplicate'
  | 'rule';

interface Probe {
  readonly bound: Bound;
  readonly value: unknown;
  readonly why: string;
  readonly isAccepted: boolean;
  /** Below the value: `[1]`, `.name`. */
  readonly at?: string;
}

/**
 * Values at the bounds of every field of the spec. What a server must say follows from the bound alone, not from a validator.
 * @param baseOf a valid object that has room for every value at this path: where rules compare fields, the other one is far away
 */
export function* makeBoundaryCases(schema: Schema, baseOf: (path: Path) => object): Generator<BoundaryCase> {
  for (const node of nodesOf(schema)) {
    const { path } = node;
    if (path[0] !== 'spec' || path.length === 1) {
      continue;
    }
    for (const probe of probesOf(node.schema)) {
      const { object, place } = put(baseOf(path), schema, path, probe.value);
      yield {
        name: `${showPath(path)}: ${probe.why}`,
        path,
        bound: probe.bound,
        object,
        refusedAt: probe.isAccepted ? undefined : `${place}${probe.at ?? ''}`,
        says: wordsOf[probe.bound](node.schema),
      };
    }
  }
}

/**
 * Whether a server refused what it had to, and nothing else. A value beyond its bound may break a rule of an object around it
 * too, and `<nil>` is the remark that rules were not looked at.
 * @param fields `causes[].field` of the answer; empty when it took the object
 */
export function isAsExpected(fields: readonly string[], refusedAt: string | undefined): boolean {
  if (refusedAt === undefined) {
    return fields.length === 0;
  }
  const isAround = (field: string): boolean => field === '<nil>' || refusedAt.startsWith(`${field}.`);
  return fields.includes(refusedAt) && fields.every((field) => field === refusedAt || isAround(field));
}

/** How servers put it. What a rule says is its author's. */
const wordsOf: Readonly<Record<Bound, (schema: Schema) => string>> = {
  type: ({ type = 'integer,string' }) => `must be of type ${type}: `,
  enum: ({ enum: choices = [] }) => `supported values: ${choices.map((choice) => JSON.stringify(choice)).join(', ')}`,
  minimum: ({ minimum }) => `should be greater than or equal to ${minimum}`,
  maximum: ({ maximum }) => `should be less than or equal to ${maximum}`,
  minLength: ({ minLength }) => `should be at least ${minLength} chars long`,
  maxLength: ({ maxLength }) => `Too long: may not be more than ${maxLength} bytes`,
  pattern: ({ pattern }) => `should match '${pattern}'`,
  minItems: ({ minItems }) => `should have at least ${minItems} items`,
  maxItems: ({ maxItems }) => `must have at most ${maxItems} items`,
  maxProperties: ({ maxProperties }) => `must have at most ${maxProperties} items`,
  required: () => 'Required value',
  duplicate: () => 'Duplicate value: ',
  rule: () => 'must be at ',
};

/** Everything worth trying at one node. */
function probesOf(schema: Schema): Probe[] {
  if (schema['x-kubernetes-int-or-string'] === true) {
    return [wrongType(true), ...stringProbes(schema)];
  }
  const own =
    schema.enum === undefined
      ? probesOfType[schema.type ?? 'object'](schema)
      : enumProbes(schema.enum as readonly string[]);
  return [wrongType(schema.type === 'string' ? 1 : 'text'), ...own, ...ruleProbes(schema)];
}

const probesOfType: Readonly<Record<NonNullable<Schema['type']>, (schema: Schema) => Probe[]>> = {
  string: stringProbes,
  integer: numberProbes,
  number: numberProbes,
  boolean: () => [accepted('type', true), accepted('type', false)],
  array: listProbes,
  object: objectProbes,
};

function wrongType(value: unknown): Probe {
  return { bound: 'type', value, why: `${JSON.stringify(value)} is of another type`, isAccepted: false };
}

function accepted(bound: Bound, value: unknown, why = JSON.stringify(value)): Probe {
  return { bound, value, why, isAccepted: true };
}

function refused(bound: Bound, value: unknown, why: string, at = ''): Probe {
  return { bound, value, why, isAccepted: false, at };
}

function enumProbes(choices: readonly string[]): Probe[] {
  const others = ['', 'Another', (choices[0] ?? '').toUpperCase()].filter((other) => !choices.includes(other));
  return [
    ...choices.map((choice) => accepted('enum', choice)),
    ...others.map((other) => refused('enum', other, `${JSON.stringify(other)} is no choice`)),
  ];
}

function numberProbes({ minimum = -Infinity, maximum = Infinity }: Schema): Probe[] {
  const around = [0, 1, minimum - 1, minimum, maximum, maximum + 1].filter(Number.isFinite);
  return [...new Set(around)].map((value) => {
    if (value < minimum) {
      return refused('minimum', value, `${value} (minimum ${minimum})`);
    }
    return value > maximum
      ? refused('maximum', value, `${value} (maximum ${maximum})`)
      : accepted(value === maximum ? 'maximum' : 'minimum', value);
  });
}

function stringProbes({ minLength = 0, maxLength = Infinity, pattern }: Schema): Probe[] {
  // A pattern decides about short strings, and may allow only one length.
  const around =
    pattern === undefined
      ? [0, 1, minLength - 1, minLength, 63, 64, maxLength, maxLength + 1]
      : [maxLength, maxLength + 1];
  const lengths = [...new Set(around)].filter((length) => Number.isFinite(length) && length >= 0);
  return [
    ...lengths.map((length) => lengthProbe(length, fill(length, pattern), { minLength, maxLength })),
    ...(pattern === undefined ? unicodeProbes(maxLength) : patternProbes(pattern)),
  ];
}

function lengthProbe(length: number, value: string, bounds: { minLength: number; maxLength: number }): Probe {
  const { minLength, maxLength } = bounds;
  if (length < minLength) {
    return refused('minLength', value, `${length} characters (at least ${minLength})`);
  }
  return length > maxLength
    ? refused('maxLength', value, `${length} characters (at most ${maxLength})`)
    : accepted(length === maxLength ? 'maxLength' : 'minLength', value, `${length} characters`);
}

/** Characters count, neither bytes nor UTF-16 units: the second one has four of the ones and two of the others. */
function unicodeProbes(maxLength: number): Probe[] {
  if (!Number.isFinite(maxLength)) {
    return [];
  }
  return ['é', '🙂'].flatMap((character) => [
    accepted('maxLength', character.repeat(maxLength), `${maxLength} times ${character}`),
    refused('maxLength', character.repeat(maxLength + 1), `${maxLength + 1} times ${character}`),
  ]);
}

function patternProbes(pattern: string): Probe[] {
  return ['', 'é', '-', ' '].map((value) => {
    // The one thing that is asked of the pattern itself.
    const matches = new RegExp(pattern, 'u').test(value);
    return matches ? accepted('pattern', value) : refused('pattern', value, `${JSON.stringify(value)} does not match`);
  });
}

function listProbes(schema: Schema): Probe[] {
  const { items = {}, minItems = 0, maxItems = Infinity } = schema;
  const make = (length: number): unknown[] => Array.from({ length }, (_, index) => leastValue(items, index));
  const lengths = new Set(
    [0, 1, minItems - 1, minItems, maxItems, maxItems + 1].filter((n) => n >= 0 && Number.isFinite(n)),
  );
  const probes = [...lengths].map((length) => {
    if (length < minItems) {
      return refused('minItems', make(length), `${length} items (at least ${minItems})`);
    }
    return length > maxItems
      ? refused('maxItems', make(length), `${length} items (at most ${maxItems})`)
      : accepted(length === maxItems ? 'maxItems' : 'minItems', make(length), `${length} items`);
  });
  const isUnique = schema['x-kubernetes-list-type'] === 'map' || schema['x-kubernetes-list-type'] === 'set';
  const twice = [leastValue(items), leastValue(items)];
  return isUnique ? [...probes, refused('duplicate', twice, 'an item twice', '[1]')] : probes;
}

function objectProbes(schema: Schema): Probe[] {
  const missing = (schema.required ?? []).map((name) => {
    const { [name]: _, ...rest } = leastValue(schema) as Record<string, unknown>;
    return refused('required', rest, `without ${name}`, `.${name}`);
  });
  const { additionalProperties: values, maxProperties } = schema;
  if (typeof values !== 'object' || maxProperties === undefined) {
    return missing;
  }
  const make = (count: number): object =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`a${index}`, leastValue(values)]));
  return [
    ...missing,
    accepted('maxProperties', make(0), '0 entries'),
    accepted('maxProperties', make(maxProperties), `${maxProperties} entries`),
    refused('maxProperties', make(maxProperties + 1), `${maxProperties + 1} entries (at most ${maxProperties})`),
  ];
}

/** Bounds that a rule sets: durations have no keywords for theirs. */
function ruleProbes(schema: Schema): Probe[] {
  return (schema['x-kubernetes-validations'] ?? []).flatMap(({ rule }) => {
    const [, sign, bound = ''] = /^duration\(self\) ([<>]=) duration\('(\w+)'\)$/u.exec(rule) ?? [];
    if (sign === undefined) {
      return [];
    }
    const beyond = sign === '<=' ? `${bound}1ms` : justBelow(bound);
    return [accepted('rule', bound), refused('rule', beyond, `${beyond} (${sign} ${bound})`)];
  });
}

/** One millisecond less than `6s` or `1ms`. */
function justBelow(bound: string): string {
  const [, count, unit] = /^(\d+)(s|ms)$/u.exec(bound) ?? [];
  const ms = Number(count) * (unit === 's' ? 1000 : 1);
  return `${ms - 1}ms`;
}

/** The object with the value at the path, and the place as servers write it; what has to stand around the value is made. */
export function put(base: object, root: Schema, path: Path, value: unknown): { object: object; place: string } {
  const [step, ...rest] = path;
  if (step === undefined) {
    return { object: value as object, place: '' };
  }
  const schema = childOf(root, step);
  const around = Array.isArray(base)
    ? (base[0] as object)
    : (base as Record<string, object>)[step === '{}' ? 'a' : step];
  const below = put((around ?? leastValue(schema)) as object, schema, rest, value);
  if (step === '[]') {
    return { object: [below.object], place: `[0]${joint(rest)}${below.place}` };
  }
  const name = step === '{}' ? 'a' : step;
  return { object: { ...base, [name]: below.object }, place: `${name}${joint(rest)}${below.place}` };
}

function joint([next]: Path): string {
  return next === undefined || next === '[]' ? '' : '.';
}

function childOf(schema: Schema, step: string): Schema {
  const values = typeof schema.additionalProperties === 'object' ? schema.additionalProperties : undefined;
  return (step === '[]' ? schema.items : step === '{}' ? values : schema.properties?.[step]) ?? {};
}
