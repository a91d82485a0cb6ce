import { expect, it } from 'vitest';
import { parseArguments } from './options.ts';

it.for([
  { args: ['up'], want: { command: 'up', nodes: 1, rest: [] } },
  { args: ['up', '--nodes', '2'], want: { command: 'up', nodes: 2, rest: [] } },
  { args: ['kubectl', 'get', '-w', 'pods'], want: { command: 'kubectl', nodes: 1, rest: ['get', '-w', 'pods'] } },
  { args: ['exec', '--', 'ip', 'route'], want: { command: 'exec', nodes: 1, rest: ['ip', 'route'] } },
  { args: [], want: { command: 'help', nodes: 1, rest: [] } },
])('reads $args', ({ args, want }) => {
  expect(parseArguments(args)).toEqual(want);
});

it.for([
  { args: ['start'], why: "'start' is no command of the bed" },
  { args: ['up', '--nodes', '0'], why: "--nodes is '0': expected 1 to 8" },
  { args: ['up', '--nodes', 'two'], why: "--nodes is 'two'" },
  { args: ['up', '--node', '2'], why: "Unknown option '--node'" },
])('refuses $args and says why', ({ args, why }) => {
  expect(() => parseArguments(args)).toThrow(why);
});
