import { describe, expect, it } from 'vitest';
import type { Schema } from '../schema.ts';
import { estimateRule } from './cost.ts';
import { declare } from './declaration.ts';
import { makeEnvironment } from './environment.ts';

/** Figures of a real server for the same rules: TestCostEstimation of kubernetes/kubernetes, apiextensions-apiserver. */

const environment = makeEnvironment();

function costOf(rule: string, schema: Schema): number {
  const self = declare(schema);
  if (self === undefined) {
    throw new Error('rules cannot see it');
  }
  return estimateRule(environment.parse(rule).ast, self).cost;
}

const number: Schema = { type: 'number' };
const text: Schema = { type: 'string' };
const dateTime: Schema = { type: 'string', format: 'date-time' };
const record: Schema = { type: 'object', required: ['required'], properties: { required: text, optional: text } };
const most = (count: number | undefined): Schema =>
  count === undefined ? {} : { maxItems: count, maxProperties: count, maxLength: count };
const list = (items: Schema, count?: number): Schema => ({ type: 'array', items, ...most(count) });
const mapOf = (values: Schema, count?: number): Schema => ({
  type: 'object',
  additionalProperties: values,
  ...most(count),
});

interface Case {
  readonly name: string;
  readonly rule: string;
  readonly schema: (count?: number) => Schema;
  readonly unbounded: number;
  readonly count: number;
  readonly bounded: number;
}

const strings = (count?: number): Schema => ({ ...text, ...most(count) });
const all = 'self.all(x, true)';

const cases: readonly Case[] = [
  { name: 'numbers', rule: all, schema: (n) => list(number, n), unbounded: 4718591, count: 10, bounded: 32 },
  { name: 'texts', rule: all, schema: (n) => list(text, n), unbounded: 3145727, count: 20, bounded: 62 },
  {
    name: 'booleans',
    rule: all,
    schema: (n) => list({ type: 'boolean' }, n),
    unbounded: 1887437,
    count: 5,
    bounded: 17,
  },
  { name: 'lists', rule: all, schema: (n) => list(list(number), n), unbounded: 3145727, count: 100, bounded: 302 },
  { name: 'objects', rule: all, schema: (n) => list(record, n), unbounded: 555128, count: 50, bounded: 152 },
  { name: 'date-times', rule: all, schema: (n) => list(dateTime, n), unbounded: 428963, count: 25, bounded: 77 },
  { name: 'a map', rule: all, schema: (n) => mapOf(number, n), unbounded: 1348169, count: 10, bounded: 32 },
  { name: 'a map of texts', rule: all, schema: (n) => mapOf(text, n), unbounded: 1179647, count: 3, bounded: 11 },
  {
    name: 'int-or-string',
    rule: all,
    schema: (n) => list({ 'x-kubernetes-int-or-string': true }, n),
    unbounded: 4718591,
    count: 10,
    bounded: 32,
  },
  { name: 'a part', rule: "self.contains('test')", schema: strings, unbounded: 314574, count: 10, bounded: 5 },
  { name: 'a beginning', rule: "self.startsWith('test')", schema: strings, unbounded: 2, count: 15, bounded: 2 },
  {
    name: 'a sum of texts',
    rule: 'size(self + "hello") > size("hello")',
    schema: strings,
    unbounded: 314578,
    count: 4,
    bounded: 7,
  },
  { name: 'a pattern', rule: 'self.matches("x")', schema: strings, unbounded: 314574, count: 50, bounded: 22 },
  { name: 'an empty pattern', rule: 'self.matches("")', schema: strings, unbounded: 1, count: 100, bounded: 1 },
  {
    name: 'a pattern on nothing',
    rule: '"".matches("(((((((((())))))))))[0-9]")',
    schema: strings,
    unbounded: 7,
    count: 10,
    bounded: 7,
  },
  { name: 'a text', rule: 'self == "x"', schema: strings, unbounded: 2, count: 0, bounded: 1 },
  { name: 'an item', rule: 'self[1] == 0.0', schema: (n) => list(number, n), unbounded: 2, count: 5000, bounded: 2 },
  {
    name: 'texts of a list',
    rule: 'self[1] == self[1]',
    schema: (n) => list(text, n),
    unbounded: 314577,
    count: 8,
    bounded: 314577,
  },
  {
    name: 'values by their keys',
    rule: 'self.all(x, x.contains(self[x]))',
    schema: (n) => mapOf(strings(n), n),
    unbounded: 2752507,
    count: 10,
    bounded: 72,
  },
  {
    name: 'a value of a map',
    rule: 'self.all(x, x.y == 25.2)',
    schema: (n) => list(mapOf(number), n),
    unbounded: 6291452,
    count: 12,
    bounded: 74,
  },
  {
    name: 'a field of a value of a map',
    rule: 'self.all(x, x["y"].required == "z")',
    schema: (n) => list(mapOf(record), n),
    unbounded: 7340027,
    count: 10,
    bounded: 72,
  },
  {
    name: 'an hour',
    rule: 'self[0].getHours() == 2',
    schema: (n) => list({ type: 'string', format: 'duration' }, n),
    unbounded: 4,
    count: 525,
    bounded: 4,
  },
  { name: 'null', rule: 'self[0] == null', schema: (n) => list(record, n), unbounded: 2, count: 422, bounded: 2 },
];

describe('a rule about', () => {
  it.each(cases)('$name costs what a real server says: $rule', ({ rule, schema, unbounded, count, bounded }) => {
    expect([costOf(rule, schema()), costOf(rule, schema(count))]).toEqual([unbounded, bounded]);
  });

  it('a loop in a loop costs the product', () => {
    const nested = 'self.all(x, self.all(y, true))';
    expect(costOf(nested, list(number, 10))).toBe(352);
    expect(costOf(`self.all(z, ${nested})`, list(number, 10))).toBe(3552);
    expect(costOf(nested, list(number))).toBeGreaterThan(1e12);
  });

  it('what is not known to be bounded costs without end, and nothing of it costs nothing', () => {
    expect(costOf("string(self).matches('a')", { type: 'integer' })).toBe(Infinity);
    expect(costOf("self.all(x, string(x).matches('a'))", list({ type: 'integer' }, 0))).toBe(2);
  });

  it('a type, or an item of which the schema says nothing, counts as large as self', () => {
    expect(costOf('type(self) == int', { 'x-kubernetes-int-or-string': true, maxLength: 10 })).toBe(7);
    expect(costOf("self.split(',').all(x, x.matches('a'))", { type: 'string', maxLength: 10 })).toBe(370);
  });
});
