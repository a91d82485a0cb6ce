import { expect, it } from 'vitest';
import { expand } from '../node/environment.ts';
import { parseEnvFile } from './env-file.ts';

it('an env file is read as Node reads it', () => {
  const { env } = parseEnvFile('# greeting\nWHO=ada\nexport QUOTED="two\nlines"\n\nEMPTY=\n');
  expect(env).toEqual([
    { name: 'EMPTY', value: '' },
    { name: 'QUOTED', value: 'two\nlines' },
    { name: 'WHO', value: 'ada' },
  ]);
});

it('names that the platform sets are left out and told', () => {
  expect(parseEnvFile('PORT=3000\nFLINT_HANDLER=x\nA=b')).toEqual({
    env: [{ name: 'A', value: 'b' }],
    ignored: ['FLINT_HANDLER', 'PORT'],
  });
});

it('a value arrives in the container as it stands in the file, also where it looks like a reference', () => {
  for (const value of ['$(A)', '$(A) $$(A) $A', '$$', 'pa$$word', '$A', 'a$']) {
    const [variable] = parseEnvFile(`B='${value}'`).env;
    expect(expand(variable?.value ?? '', { A: 'wrong' })).toBe(value);
  }
});
