import { describe, expect, it } from 'vitest';
import { parameterNames } from './parameters.ts';

describe('parameterNames', () => {
  const cases: { source: string; want: string[] }[] = [
    { source: '() => 1', want: [] },
    { source: 'a => a', want: ['a'] },
    { source: 'async a => a', want: ['a'] },
    { source: '(a, b) => a', want: ['a', 'b'] },
    { source: 'async (a,b,) => a', want: ['a', 'b'] },
    { source: 'function (a, b) { return (c, d) => 1 }', want: ['a', 'b'] },
    { source: 'async function* name(a, b) {}', want: ['a', 'b'] },
    { source: 'handle(a, res) { }', want: ['a', 'res'] },
    { source: '(a = f(1, 2), b = [3, 4]) => 1', want: ['a', 'b'] },
    { source: '({ a, b }, [c, d], ...rest) => 1', want: ['{ a, b }', '[c, d]', '...rest'] },
    { source: '(a /* , x */, // y, z\n b) => 1', want: ['a', 'b'] },
    { source: 'function () { [native code] }', want: [] },
    { source: 'class A { }', want: [] },
  ];
  it.each(cases)('of $source', ({ source, want }) => {
    expect(parameterNames(source)).toEqual(want);
  });
});
