import type { Schema } from '../local/api/schema/schema.ts';

/** For each pattern of the CRDs a string that matches it, of any length for which there is one. */
const fillers: Readonly<Record<string, (length: number) => string>> = {
  // A few seconds, whatever the length.
  '^([0-9]{1,5}(h|m|s|ms)){1,4}$': (length) =>
    length > 21 ? `${'00001ms'.repeat(3)}${'8s'.padStart(length - 21, '0')}` : '8s'.padStart(length, '0'),
  '^[0-9]+(\\.[0-9]+)?(m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?$': (length) => '1'.padStart(length, '0'),
  '^.+\\..+$': (length) => `.${'a'.repeat(length - 2)}`.padStart(length, 'a'),
  '^/': (length) => '/'.padEnd(length, 'a'),
  '^[0-9a-f]{64}$': (length) => '0'.repeat(Math.max(length, 64)),
  '^[a-z0-9]([-a-z0-9]*[a-z0-9])?$': (length) => 'a'.repeat(length),
};

/**
 * A string of so many characters that the pattern allows.
 * @throws Error for a pattern that nobody wrote a filler for
 */
export function fill(length: number, pattern: string | undefined): string {
  if (pattern === undefined) {
    return 'a'.repeat(length);
  }
  const filler = fillers[pattern];
  if (filler === undefined) {
    throw new Error(`crds/least-value.ts has no strings for the pattern ${pattern}`);
  }
  return filler(length);
}

/** What a value of this schema has to have, and nothing else. @param index another one for every index */
export function leastValue(schema: Schema, index = 0): unknown {
  if (schema.enum !== undefined) {
    return schema.enum[0];
  }
  return schema['x-kubernetes-int-or-string'] === true ? 1 : leastOfType[schema.type ?? 'object'](schema, index);
}

const leastNumber = ({ minimum = 0 }: Schema): number => Math.max(minimum, 0);

const leastOfType: Readonly<Record<NonNullable<Schema['type']>, (schema: Schema, index: number) => unknown>> = {
  string: leastString,
  integer: leastNumber,
  number: leastNumber,
  boolean: () => false,
  array: ({ items = {}, minItems = 0 }) => Array.from({ length: minItems }, (_, item) => leastValue(items, item)),
  object: ({ required = [], properties = {} }, index) =>
    Object.fromEntries(required.map((name) => [name, leastValue(properties[name] ?? {}, index)])),
};

function leastString({ minLength = 1, pattern }: Schema, index: number): string {
  const text = fill(Math.max(minLength, pattern === undefined ? 1 : 2), pattern);
  return index === 0 ? text : `${text}${index}`;
}
