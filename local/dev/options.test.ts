import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { defaultPort } from '../launch/options.ts';
import { helpText, parseArguments, type ParsedArguments } from './options.ts';

function parse(...args: string[]): ParsedArguments {
  return parseArguments(args, { cwd: '/home/ada', project: '/src/flint', resolve });
}

describe('the arguments of npm run dev', () => {
  it('need a file; every option has a default', () => {
    expect(parse('hello.mjs')).toEqual({
      kind: 'dev',
      options: {
        sources: ['/home/ada/hello.mjs'],
        name: undefined,
        envFile: undefined,
        port: defaultPort,
        dataDir: '/src/flint/.flint/dev',
        print: false,
      },
    });
  });

  it('take several functions, and relative names from where the user stands', () => {
    expect(parse('a.mjs', '/b', '--env-file', '.env', '--data', 'x', '--port=0', '--print')).toMatchObject({
      options: {
        sources: ['/home/ada/a.mjs', '/b'],
        envFile: '/home/ada/.env',
        dataDir: '/home/ada/x',
        port: 0,
        print: true,
      },
    });
  });

  it('show the help whatever else stands there', () => {
    expect(parse('--port', 'x', '--help')).toEqual({ kind: 'help', text: helpText });
  });

  const mistakes = [
    { args: [], want: [expect.stringContaining('no file or folder')] },
    { args: ['a.mjs', '--port', 'http'], want: ["--port is 'http': expected a port from 0 to 65535"] },
    { args: ['a.mjs', '--name', 'Not-A-Name'], want: [expect.stringContaining("--name is 'Not-A-Name'")] },
    { args: ['a.mjs', '--name', 'a'.repeat(53)], want: [expect.stringContaining('at most 52')] },
    { args: ['a.mjs', 'b.mjs', '--name', 'a'], want: ['--name is for one function, and there are 2'] },
    { args: ['a.mjs', '--prot', '1'], want: [expect.stringContaining('npm run dev -- --help')] },
    { args: ['--port', '65536', '--name', '-'], want: [expect.any(String), expect.any(String), expect.any(String)] },
  ];
  for (const { args, want } of mistakes) {
    it(`are refused all at once: ${args.join(' ')}`, () => {
      expect(() => parse(...args)).toThrow(expect.objectContaining({ name: 'ConfigError', mistakes: want }));
    });
  }
});
