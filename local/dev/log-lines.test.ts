import { describe, expect, it } from 'vitest';
import { renderLog } from './log-lines.ts';

const time = new Date(2026, 0, 2, 15, 4, 5, 67).toISOString();
const context = {
  functionName: 'hello',
  volumes: '/data/volumes',
  files: new Map([['index.mjs', 'hello.mjs']]),
};
const frame = '    at inner (file:///data/volumes/0a/index.mjs:3:5)';

function render(record: object): string | undefined {
  return renderLog(JSON.stringify({ time, level: 'info', message: 'hi', ...record }), context);
}

describe('a line of a function’s log', () => {
  it('shows time, level, function and message', () => {
    expect(render({ requestId: 'r1' })).toBe('15:04:05.067  info   hello  hi');
  });

  it('shows further fields as JSON', () => {
    expect(render({ level: 'warn', port: 1 })).toBe('15:04:05.067  warn   hello  hi  {"port":1}');
  });

  it('shows the stack of its error and of the causes, with the places in the author’s file', () => {
    const cause = { name: 'Error', message: 'because', stack: `Error: because\n${frame}` };
    const error = { name: 'TypeError', message: 'boom', stack: `TypeError: boom\n${frame}`, cause };
    expect(render({ level: 'error', message: 'the function failed', error })).toBe(
      [
        '15:04:05.067  error  hello  the function failed',
        '    TypeError: boom',
        '        at inner (hello.mjs:3:5)',
        '    caused by',
        '    Error: because',
        '        at inner (hello.mjs:3:5)',
      ].join('\n'),
    );
  });

  it('shows what was thrown although it is no error, and the stack of console.trace', () => {
    expect(render({ error: 'plain' })).toContain('\n    "plain"');
    expect(render({ stack: frame })).toContain('at inner (hello.mjs:3:5)');
  });

  it('is shown as it is when it is no record of the runtime', () => {
    for (const line of ['plain', '{"level":30,"msg":"of another logger"}', '{broken']) {
      expect(renderLog(line, context)).toBe(`                     hello  ${line}`);
    }
  });

  it('is left out when the terminal says it otherwise: that it serves, or why it did not load', () => {
    expect(render({ message: 'serving', port: 1, signature: 'fetch' })).toBeUndefined();
    expect(render({ level: 'fatal', reason: 'CodeDidNotLoad' })).toBeUndefined();
    expect(render({ level: 'fatal', message: 'nothing caught an error; the process ends' })).toContain('fatal');
    expect(render({ message: 'serving' })).toContain('serving');
  });
});
