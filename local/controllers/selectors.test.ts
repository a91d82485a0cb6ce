import { describe, expect, it } from 'vitest';
import { type LabelSelector, matchesSelector } from './selectors.ts';

describe('a label selector', () => {
  const labels = { app: 'hello', tier: 'web' };
  const cases: { name: string; selector: LabelSelector; want: boolean }[] = [
    { name: 'that is empty matches nothing', selector: {}, want: false },
    { name: 'matches when every label is equal', selector: { matchLabels: { app: 'hello' } }, want: true },
    {
      name: 'does not match with one label unequal',
      selector: { matchLabels: { app: 'hello', tier: 'db' } },
      want: false,
    },
    { name: 'knows In', selector: expression('tier', 'In', ['web', 'db']), want: true },
    { name: 'knows In of an absent label', selector: expression('zone', 'In', ['a']), want: false },
    { name: 'knows NotIn', selector: expression('tier', 'NotIn', ['web']), want: false },
    { name: 'lets an absent label be not in anything', selector: expression('zone', 'NotIn', ['a']), want: true },
    { name: 'knows Exists', selector: expression('tier', 'Exists'), want: true },
    { name: 'knows DoesNotExist', selector: expression('tier', 'DoesNotExist'), want: false },
    {
      name: 'needs both labels and expressions',
      selector: { matchLabels: { app: 'hello' }, ...expression('zone', 'Exists') },
      want: false,
    },
  ];
  for (const { name, selector, want } of cases) {
    it(name, () => {
      expect(matchesSelector(selector, labels)).toBe(want);
    });
  }

  it('refuses an operator it does not know', () => {
    expect(() => matchesSelector(expression('tier', 'Gt', ['1']), labels)).toThrow("'Gt'");
  });
});

function expression(key: string, operator: string, values: string[] = []): LabelSelector {
  return { matchExpressions: [{ key, operator, values }] };
}
