import { describe, expect, it } from 'vitest';
import { makeCrd, object, refusals, root, type Schema, list, text, withSpec } from './crd-drafts.ts';
import { askTarget } from './world.ts';

/**
 * What the rules of a CRD can cost at most is estimated when it is written, and limited: 10 million for one rule, 100 million
 * for all. Each case is ten times away from the border or more.
 */

const ask = askTarget();
const spec = `${root}.properties[spec]`;
const advice =
  '(try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)';
const limit = 'Forbidden: estimated rule cost exceeds budget by factor of';

const ruled = (schema: Schema, ...rules: string[]): Schema => ({
  ...schema,
  'x-kubernetes-validations': rules.map((rule) => ({ rule })),
});
const number: Schema = { type: 'integer' };
const short: Schema = { ...text, maxLength: 10 };
const mapOf = (values: Schema, more: Schema = {}): Schema => ({
  type: 'object',
  additionalProperties: values,
  ...more,
});
const items = (schema: Schema): Schema => object({ items: schema });
const named = object({ name: text }, { required: ['name'] });

const taken: readonly { title: string; schema: Schema }[] = [
  { title: 'a comparison', schema: ruled(object({ a: number, b: number }), 'self.a <= self.b') },
  { title: 'one look at an unbounded text', schema: ruled(text, "self.startsWith('a')") },
  { title: 'a pattern on a bounded text', schema: ruled(short, "self.matches('^[a-z]+$')") },
  { title: 'one loop over an unbounded list of numbers', schema: ruled(list(named), 'self.all(x, true)') },
  {
    title: 'a loop in a loop over bounded lists',
    schema: ruled(items(list(short, { maxItems: 50 })), 'self.items.all(x, self.items.exists_one(y, x == y))'),
  },
  { title: 'an immutable object', schema: ruled(object({ a: list(text) }), 'self == oldSelf') },
  {
    title: 'a pattern on each text of bounded lists in bounded lists',
    schema: list(list(ruled(short, "self.matches('^a$')"), { maxItems: 100 }), { maxItems: 100 }),
  },
  { title: 'the absence of a field', schema: ruled(items(list(text)), '!has(self.items) || size(self.items) < 3') },
  {
    title: 'a rule on each value of a bounded map',
    schema: mapOf(ruled(short, "self.contains('a')"), { maxProperties: 100 }),
  },
  { title: 'int-or-string', schema: ruled({ 'x-kubernetes-int-or-string': true }, 'type(self) != int || self > 1') },
];

const refused: readonly { title: string; schema: Schema; rule: string; factor: string }[] = [
  {
    title: 'a loop in a loop over an unbounded list',
    schema: ruled(items(list(number)), 'self.items.all(x, self.items.all(y, x == y))'),
    rule: spec,
    factor: 'more than 100x',
  },
  {
    title: 'the same over texts of no bound',
    schema: ruled(items(list(text)), 'self.items.all(x, self.items.exists(y, x == y))'),
    rule: spec,
    factor: 'more than 100x',
  },
  {
    title: 'a look for one unbounded text in another',
    schema: ruled(object({ a: text, b: text }), 'self.a.contains(self.b)'),
    rule: spec,
    factor: 'more than 100x',
  },
  {
    title: 'a text as pattern',
    schema: ruled(object({ a: text, b: text }), 'self.a.matches(self.b)'),
    rule: spec,
    factor: 'more than 100x',
  },
  {
    title: 'a pattern on each text of an unbounded list',
    schema: list(ruled(text, "self.matches('^[a-z]([-a-z0-9]*[a-z0-9])?$')")),
    rule: `${spec}.items`,
    factor: 'more than 100x',
  },
  {
    title: 'a pattern on each value of an unbounded map',
    schema: mapOf(ruled(text, "self.matches('^a$')")),
    rule: `${spec}.additionalProperties`,
    factor: 'more than 100x',
  },
  {
    title: 'three loops in each other over a long list',
    schema: ruled(list(number, { maxItems: 1000 }), 'self.all(x, self.all(y, self.all(z, x + y == z)))'),
    rule: spec,
    factor: 'more than 100x',
  },
  {
    title: 'a text of which nobody knows how long it is',
    schema: ruled(number, "string(self).matches('1')"),
    rule: spec,
    factor: 'more than 100x',
  },
];

describe('a rule', () => {
  it.for(taken)('about $title is taken', async ({ schema }) => {
    expect(await refusals(ask, makeCrd(withSpec(schema)))).toEqual([]);
  });

  it.for(refused)('about $title is refused', async ({ schema, rule, factor }) => {
    const said = await refusals(ask, makeCrd(withSpec(schema)));
    expect(said).toContainEqual(`${rule}.x-kubernetes-validations[0].rule: ${limit} ${factor} ${advice}`);
  });

  it('with a number in its message is refused: how long a number is nobody knows', async () => {
    const messageExpression = "'invalid attempts: ' + string(self.attempts)";
    const validations = [{ rule: 'self.attempts >= 0', messageExpression }];
    const schema = { ...object({ attempts: number }), 'x-kubernetes-validations': validations };
    const said = await refusals(ask, makeCrd(withSpec(schema)));
    // https://github.com/kubernetes/kubernetes/issues/124234
    const what = 'Forbidden: estimated messageExpression cost exceeds budget by factor of more than 100x';
    expect(said).toContainEqual(`${spec}.x-kubernetes-validations[0].messageExpression: ${what} ${advice}`);
  });

  it('that is refused is told with its factor where that is of use', async () => {
    const schema = ruled(items(list(number, { maxItems: 5000 })), 'self.items.all(x, self.items.all(y, x == y))');
    const said = await refusals(ask, makeCrd(withSpec(schema)));
    expect(said).toContainEqual(
      expect.stringMatching(
        new RegExp(`^${spec.replaceAll(/[[\].]/gu, '\\$&')}.*\\[0\\]\\.rule: ${limit} \\d{2}\\.\\dx `, 'u'),
      ),
    );
  });
});

describe('all rules of a schema', () => {
  const total =
    'Forbidden: x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema exceeds budget by factor of';
  const contributed =
    'Forbidden: contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema';

  it('that are dear together are refused although each is not, and the dearest are named', async () => {
    const rule = 'self.all(x, true)';
    const fields = Array.from({ length: 400 }, (_, index) => [`f${index}`, ruled(list(number), rule)] as const);
    const said = await refusals(ask, makeCrd(withSpec(object(Object.fromEntries(fields)))));
    expect(said).toContainEqual(expect.stringContaining(`${root}: ${total}`));
    expect(said.filter((line) => line.includes(contributed))).toHaveLength(4);
    expect(said.filter((line) => line.includes(limit))).toEqual([]);
  });

  it('of which one is too dear are refused for both', async () => {
    const schema = ruled(items(list(number)), 'self.items.all(x, self.items.all(y, x == y))');
    const said = await refusals(ask, makeCrd(withSpec(schema)));
    expect(said).toEqual([
      `${spec}.x-kubernetes-validations[0].rule: ${limit} more than 100x ${advice}`,
      `${spec}.x-kubernetes-validations[0].rule: ${contributed}`,
      `${root}: ${total} more than 100x ${advice}`,
    ]);
  });
});
