import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { defaultApiPort, defaultPort, helpText, parseArguments, type ParsedArguments } from './options.ts';

const folders = { cwd: '/home/ada', project: '/src/flint', resolve };

function parse(...args: string[]): ParsedArguments {
  return parseArguments(args, folders);
}

describe('the arguments of npm start', () => {
  it('need none: every option has a default', () => {
    expect(parse()).toEqual({
      kind: 'launch',
      options: {
        port: defaultPort,
        apiPort: defaultApiPort,
        dataDir: '/home/ada/.flint',
        domains: ['localhost'],
        keepsState: true,
        manifests: [],
        examples: ['/src/flint/examples/hello.yaml'],
        readyFile: undefined,
        quiet: false,
      },
    });
  });

  it('take relative names from where the user stands', () => {
    const parsed = parse('--data', 'x', '--apply', 'fn.yaml', '--apply', '/abs.yaml', '--ready-file', 'r.json');
    expect(parsed).toMatchObject({
      options: {
        dataDir: '/home/ada/x',
        keepsState: true,
        manifests: ['/home/ada/fn.yaml', '/abs.yaml'],
        examples: [],
        readyFile: '/home/ada/r.json',
      },
    });
  });

  it('show the help whatever else stands there', () => {
    expect(parse('--port', '1', '--help')).toEqual({ kind: 'help', text: helpText });
  });

  const mistakes = [
    { args: ['--port', 'http'], want: ["--port is 'http': expected a port from 0 to 65535"] },
    { args: ['--api-port', '65536'], want: ["--api-port is '65536': expected a port from 0 to 65535"] },
    { args: ['--port', '-1'], want: [expect.stringContaining('--help')] },
    { args: ['--domain', 'Not A Name'], want: [expect.stringContaining("--domain is 'Not A Name'")] },
    { args: ['--prot', '1'], want: [expect.stringContaining("'--prot'")] },
    { args: ['--port', 'a', '--api-port', 'b'], want: [expect.stringContaining('--port'), expect.any(String)] },
  ];
  for (const { args, want } of mistakes) {
    it(`are refused all at once: ${args.join(' ')}`, () => {
      expect(() => parse(...args)).toThrow(expect.objectContaining({ name: 'ConfigError', mistakes: want }));
    });
  }
});
