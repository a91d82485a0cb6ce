import { expect, it } from 'vitest';
import { createTerminalLogger } from './terminal-log.ts';

const time = /^\d\d:\d\d:\d\d\.\d\d\d {2}/u;

function told(log: (logger: ReturnType<typeof createTerminalLogger>) => void): string[] {
  const lines: string[] = [];
  log(createTerminalLogger('warn', (line) => lines.push(line)));
  return lines.map((line) => line.replace(time, '').trimEnd());
}

it('a line has its level, what happened, and its fields', () => {
  expect(
    told((log) => {
      log.warn('ended processes that a former run left behind', { count: 2, pods: ['a'] });
    }),
  ).toEqual(['warn   ended processes that a former run left behind  count=2  pods=["a"]']);
});

it('why it happened comes last, a stack below', () => {
  const [short, long] = told((log) => {
    log.child({ name: 'hello' }).warn('pod not deleted', { error: 'the server is busy', retryMs: 500 });
    log.error('a request failed', { error: new Error('a mistake') });
  });
  expect(short).toBe('warn   pod not deleted  name=hello  retryMs=500: the server is busy');
  expect(long).toMatch(/^error {2}a request failed\n {4}Error: a mistake\n {8}at /u);
});

it('what is below the level is not told', () => {
  expect(
    told((log) => {
      log.info('nothing to do');
    }),
  ).toEqual([]);
});
