import { describe, expect, it } from 'vitest';
import type { Schema } from '../schema.ts';
import { checkRules } from './check-rules.ts';

const dear: Schema = {
  type: 'array',
  items: { type: 'integer' },
  'x-kubernetes-validations': [{ rule: 'self.all(x, self.all(y, x == y))' }],
};

/** Costs 3 for each item, and 2: a third of what the limit divides by. */
function loop(items: number): Schema {
  return { type: 'array', maxItems: items, items: { type: 'integer' }, 'x-kubernetes-validations': [all] };
}
const all = { rule: 'self.all(x, true)' };

function said(schema: Schema): readonly string[] {
  return checkRules(schema, 'root').map(({ field, message }) => `${field}: ${message.split(' (')[0] ?? ''}`);
}

describe('the cost of a rule', () => {
  const factors = [
    { items: 3_333_332, factor: undefined },
    { items: 3_333_333, factor: '1.000000x' },
    { items: 4_900_000, factor: '1.470000x' },
    { items: 5_000_000, factor: '1.5x' },
    { items: 33_000_000, factor: '9.9x' },
  ];
  it.each(factors)('with $items items exceeds its limit by $factor', ({ items, factor }) => {
    const own = said(loop(items)).filter((line) => line.includes('estimated rule cost exceeds'));
    const field = 'root.x-kubernetes-validations[0].rule';
    expect(own).toEqual(
      factor === undefined ? [] : [`${field}: Forbidden: estimated rule cost exceeds budget by factor of ${factor}`],
    );
  });

  it('counts for each place where the rule stands, by the bounds above it', () => {
    const within = (bound: Schema): readonly string[] =>
      said({
        type: 'object',
        additionalProperties: { type: 'array', items: loop(100), ...bound },
        maxProperties: 1000,
      });
    expect(within({ maxItems: 10 })).toEqual([]);
    expect(within({ maxItems: 100 })[0]).toContain(
      'root.additionalProperties.items.x-kubernetes-validations[0].rule: Forbidden: estimated rule cost exceeds budget by factor of 3.0x',
    );
  });

  it('counts where nothing bounds it as often as its value can stand in a request of 3 MiB', () => {
    // An integer takes two bytes with its comma: 1,572,864 times 2, or 7.
    const item: Schema = { type: 'integer', 'x-kubernetes-validations': [{ rule: 'self > 1' }] };
    expect(said({ type: 'array', items: item })).toEqual([]);
    const several = {
      ...item,
      'x-kubernetes-validations': [{ rule: 'self > 1 && self < 9 && self != 5 && self > 2' }],
    };
    expect(said({ type: 'array', items: several })[0]).toContain('factor of 1.101005x');
  });

  it('of a message counts once', () => {
    const rule = { ...all, messageExpression: "'more than ' + string(size(self))" };
    const schema = { ...loop(10), 'x-kubernetes-validations': [rule] };
    expect(said(schema).find((line) => line.includes('messageExpression'))).toContain(
      'root.x-kubernetes-validations[0].messageExpression: Forbidden: estimated messageExpression cost exceeds budget',
    );
  });
});

describe('the cost of all rules', () => {
  it('names the four dearest, dearest first, and what they come to', () => {
    const properties = Object.fromEntries([1, 5, 3, 2, 4, 0].map((millions) => [`m${millions}`, loop(millions * 1e6)]));
    const many = Array.from({ length: 30 }, (_, index) => [`n${index}`, loop(3e6)] as const);
    const errors = said({ type: 'object', properties: { ...properties, ...Object.fromEntries(many) } });
    const named = errors.filter((line) => line.includes('contributed'));
    expect(named).toHaveLength(4);
    expect(named[0]).toContain('properties[m5]');
    expect(named[1]).toContain('properties[m4]');
    expect(errors.at(-1)).toContain('root: Forbidden: x-kubernetes-validations estimated rule cost total');
  });

  it('without any bound is more than a hundred times too much', () => {
    expect(said(dear).at(-1)).toContain('more than 100x');
  });
});

describe('a rule', () => {
  const spec: Schema = {
    type: 'object',
    properties: { name: { type: 'string' }, 'a-b': { type: 'string' }, open: {} },
  };
  const wrong = [
    { rule: 'self ==', says: 'compilation failed: ERROR: <input>:1:8: Syntax error: ' },
    {
      rule: 'self.nme.size() > 1',
      says: "ERROR: <input>:1:5: undefined field 'nme'\\n | self.nme.size() > 1\\n | ....^",
    },
    { rule: 'has(self.nme)', says: "undefined field 'nme'" },
    { rule: 'self.open == 1', says: "undefined field 'open'" },
    { rule: '[1].all(x, y > x)', says: "ERROR: <input>:1:12: undeclared reference to 'y' (in container '')" },
    { rule: 'slf.name == self.name', says: "undeclared reference to 'slf'" },
    { rule: 'self.name', says: 'cel expression must evaluate to a bool' },
    { rule: '1 + 2', says: 'cel expression must evaluate to a bool' },
  ];
  it.each(wrong)('$rule is refused: $says', ({ rule, says }) => {
    const [error, ...others] = checkRules({ ...spec, 'x-kubernetes-validations': [{ rule }] }, 'root');
    expect(error?.field).toBe('root.x-kubernetes-validations[0].rule');
    expect(JSON.stringify(error?.message)).toContain(says);
    expect(others).toEqual([]);
  });

  const right = [
    "self.a__dash__b == '' && self.name.size() > 0",
    "type(self.name) == string && self.?name.orValue('') != ''",
    "cel.bind(n, self.name, n == 'a' || n == oldSelf.name)",
    "self.metadata.name == 'a' && self.kind != ''",
    "[self.name].map(n, n + 'a').exists(m, m == 'aa')",
    "{'a': self.name}.all(k, k == 'a')",
  ];
  it.each(right)('%s is taken', (rule) => {
    expect(checkRules({ ...spec, 'x-kubernetes-validations': [{ rule }] }, 'root')).toEqual([]);
  });

  it('compares with what was there only where that can be found again', () => {
    const item: Schema = { ...spec, 'x-kubernetes-validations': [{ rule: 'self.name == oldSelf.name' }] };
    const keyed: Schema = { type: 'array', maxItems: 9, items: item, 'x-kubernetes-list-type': 'map' };
    expect(said(keyed)).toEqual([]);
    const { 'x-kubernetes-list-type': _, ...loose } = keyed;
    const why = 'oldSelf cannot be used on the uncorrelatable portion of the schema within root.properties[a]';
    expect(said({ type: 'object', properties: { a: loose } })).toEqual([expect.stringContaining(why)]);
    const fixed = { ...spec, 'x-kubernetes-validations': [{ rule: "self.name != ''", optionalOldSelf: true }] };
    expect(said(fixed)).toEqual([expect.stringContaining('may not be set if oldSelf is not used in rule')]);
  });

  it('has a message that is a text', () => {
    const rules = [{ rule: 'true', messageExpression: '1 + 1' }];
    expect(said({ ...spec, 'x-kubernetes-validations': rules })).toEqual([
      expect.stringContaining('x-kubernetes-validations[0].messageExpression: Invalid value: '),
    ]);
  });
});
