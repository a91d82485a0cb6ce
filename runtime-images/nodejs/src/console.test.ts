import { Console } from 'node:console';
import { describe, expect, it } from 'vitest';
import { patchConsole } from './console.ts';
import { createLog } from './log.ts';

type Record_ = Readonly<Record<string, unknown>>;

function makePatched(): { console: Console; lines: [fd: number, record: Record_][] } {
  const lines: [number, Record_][] = [];
  const log = createLog({
    now: () => Date.UTC(2026, 0, 2),
    write: (fd, line) => lines.push([fd, JSON.parse(line) as Record_]),
    current: () => ({ requestId: 'r1' }),
  });
  const target = Object.assign(new Console(process.stdout), { Console });
  patchConsole(target, log);
  return { console: target, lines };
}

describe('console', () => {
  const cases: { name: string; write: (console: Console) => void; wantFd: 1 | 2; want: Record_ }[] = [
    {
      name: 'log',
      write: (c) => {
        c.log('a %s', 'b', { c: [1, { d: 2 }] });
      },
      wantFd: 1,
      want: { level: 'info', message: 'a b { c: [ 1, { d: 2 } ] }' },
    },
    {
      name: 'info',
      write: (c) => {
        c.info('i');
      },
      wantFd: 1,
      want: { level: 'info', message: 'i' },
    },
    {
      name: 'debug',
      write: (c) => {
        c.debug(1, null);
      },
      wantFd: 1,
      want: { level: 'debug', message: '1 null' },
    },
    {
      name: 'warn',
      write: (c) => {
        c.warn('w');
      },
      wantFd: 2,
      want: { level: 'warn', message: 'w' },
    },
    {
      name: 'several lines of text stay one record',
      write: (c) => {
        c.log('a\nb');
      },
      wantFd: 1,
      want: { message: 'a\nb' },
    },
    {
      name: 'error',
      write: (c) => {
        c.error('failed:', new TypeError('x'));
      },
      wantFd: 2,
      want: { level: 'error', message: 'failed: TypeError: x', error: { name: 'TypeError', message: 'x' } },
    },
    {
      name: 'trace',
      write: (c) => {
        c.trace('here');
      },
      wantFd: 2,
      want: { level: 'error', message: 'here', stack: expect.stringContaining('console.test.ts') as unknown },
    },
    {
      name: 'table',
      write: (c) => {
        c.table([{ a: 1 }]);
      },
      wantFd: 1,
      want: { level: 'info', message: expect.stringContaining('│ 0       │ 1 │') as unknown },
    },
    {
      name: 'dir',
      write: (c) => {
        c.dir({ a: 1 });
      },
      wantFd: 1,
      want: { message: '{ a: 1 }' },
    },
    {
      name: 'count',
      write: (c) => {
        c.count('n');
      },
      wantFd: 1,
      want: { message: 'n: 1' },
    },
    {
      name: 'assert',
      write: (c) => {
        c.assert(false, 'no');
      },
      wantFd: 2,
      want: { level: 'error', message: 'Assertion failed: no' },
    },
    {
      name: 'timeEnd',
      write: (c) => {
        c.time('t');
        c.timeEnd('t');
      },
      wantFd: 1,
      want: { message: expect.stringMatching(/^t: /u) as unknown },
    },
  ];
  it.each(cases)('$name is one JSON line', ({ write, wantFd, want }) => {
    const { console, lines } = makePatched();
    write(console);
    expect(lines).toMatchObject([[wantFd, { time: '2026-01-02T00:00:00.000Z', requestId: 'r1', ...want }]]);
  });
});

describe('a log line', () => {
  const cyclic: Record<string, unknown> = {};
  cyclic['self'] = cyclic;
  const cases: { name: string; fields: Record_; want: Record_ }[] = [
    {
      name: 'keeps its own keys',
      fields: { time: 1, level: 2, message: 3, requestId: 4 },
      want: { level: 'info', message: 'm', requestId: 'r1' },
    },
    {
      name: 'shows the causes of an error',
      fields: { error: new Error('a', { cause: new Error('b') }) },
      want: { error: { message: 'a', cause: { message: 'b' } } },
    },
    {
      name: 'shows members of an error',
      fields: { error: Object.assign(new Error('a'), { code: 'E1' }) },
      want: { error: { code: 'E1' } },
    },
    { name: 'says a bigint as text', fields: { size: 10n }, want: { size: '10' } },
    {
      name: 'survives a cycle',
      fields: { cyclic },
      want: { message: 'm', fields: expect.stringContaining('Circular') as unknown },
    },
    {
      name: 'survives what cannot be read',
      fields: {
        get bad() {
          return {
            toJSON() {
              throw new Error('no');
            },
          };
        },
      },
      want: { message: 'm' },
    },
  ];
  it.each(cases)('$name', ({ fields, want }) => {
    const lines: Record_[] = [];
    const log = createLog({
      now: () => 0,
      write: (_fd, line) => lines.push(JSON.parse(line) as Record_),
      current: () => ({ requestId: 'r1' }),
    });
    log.info('m', fields);
    expect(lines).toMatchObject([want]);
  });

  it('is bounded', () => {
    let written = '';
    const log = createLog({ now: () => 0, write: (_fd, line) => (written = line), current: () => ({}) });
    log.info('x'.repeat(1_000_000));
    expect(written.length).toBeLessThan(66_000);
    expect(written).toContain('(1000000 characters)');
  });
});
