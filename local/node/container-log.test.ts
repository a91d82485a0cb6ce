import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../../lib/testing/fake-clock.ts';
import { ContainerLog } from './container-log.ts';
import { readLog, type ReadOptions } from './log-reader.ts';

let folder = '';
let clock = new FakeClock();
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flint-log-'));
  clock = new FakeClock();
});
afterEach(() => rm(folder, { recursive: true }));

function aLog(rotateAtBytes = 1_000_000): ContainerLog {
  return new ContainerLog({ file: join(folder, '0.log'), clock, rotateAtBytes });
}

async function* chunks(...texts: string[]): AsyncGenerator<Buffer> {
  for (const text of texts) {
    yield await Promise.resolve(Buffer.from(text));
  }
}

async function read(
  log: ContainerLog,
  options: Partial<ReadOptions> = {},
  signal = new AbortController().signal,
): Promise<string> {
  let all = '';
  for await (const chunk of readLog(log, { follow: false, timestamps: false, ...options }, signal)) {
    all += Buffer.from(chunk).toString();
  }
  return all;
}

const numbers = (from: number, to: number): string =>
  Array.from({ length: to - from + 1 }, (_, index) => `line ${from + index}\n`).join('');

describe('a container log', () => {
  it('shows what was printed, the last line also without its end', async () => {
    const log = aLog();
    await log.capture(chunks('one\ntw', 'o\nthr', 'ee'), 'stdout');
    await log.end();
    expect(await read(log)).toBe('one\ntwo\nthree\n');
  });

  const cases: { name: string; options: Partial<ReadOptions>; want: string }[] = [
    { name: 'the last lines', options: { tailLines: 2 }, want: numbers(9, 10) },
    { name: 'no lines', options: { tailLines: 0 }, want: '' },
    { name: 'more last lines than there are', options: { tailLines: 99 }, want: numbers(1, 10) },
    { name: 'a number of bytes', options: { limitBytes: 10 }, want: 'line 1\nlin' },
  ];
  for (const { name, options, want } of cases) {
    it(`shows ${name} when asked for`, async () => {
      const log = aLog();
      await log.capture(chunks(numbers(1, 10)), 'stdout');
      await log.end();
      expect(await read(log, options)).toBe(want);
    });
  }

  it('finds last lines that begin blocks before the end', async () => {
    const log = aLog();
    await log.capture(chunks(numbers(1, 20_000)), 'stdout');
    await log.end();
    expect(await read(log, { tailLines: 12_345 })).toBe(numbers(20_000 - 12_344, 20_000));
  });

  it('shows when each line came, and only those since a moment', async () => {
    const log = aLog();
    await log.capture(chunks('early\n'), 'stdout');
    await clock.advance(5000);
    await log.capture(chunks('late\n'), 'stderr');
    await log.end();
    expect(await read(log, { timestamps: true, sinceMs: clock.now() - 1000 })).toBe(
      '2026-01-01T00:00:05.000000000Z late\n',
    );
  });

  it('keeps one older file beside the current one, and shows both', async () => {
    const log = aLog(2000);
    for (let block = 0; block < 10; block++) {
      await log.capture(chunks(numbers(block * 10 + 1, block * 10 + 10)), 'stdout');
    }
    await log.end();
    expect((await readdir(folder)).sort()).toEqual(['0.log', '0.log.1']);
    expect((await stat(join(folder, '0.log'))).size).toBeLessThan(3000);
    const shown = await read(log);
    expect(numbers(1, 100).endsWith(shown)).toBe(true);
    expect(await read(log, { tailLines: 45 })).toBe(numbers(56, 100));
  });

  it('is followed to its end, over rotations, without a line lost or doubled', async () => {
    const log = aLog(2000);
    const following = read(log, { follow: true });
    for (let block = 0; block < 30; block++) {
      await log.capture(chunks(numbers(block * 10 + 1, block * 10 + 10)), 'stdout');
      // A turn for the reader: one that falls two whole files behind does lose lines.
      await read(log, { tailLines: 1 });
    }
    await log.end();
    expect(await following).toBe(numbers(1, 300));
  });

  it('is followed until the reader goes', async () => {
    const log = aLog();
    const gone = new AbortController();
    const source = new PassThrough();
    const captured = log.capture(source, 'stdout');
    const following = read(log, { follow: true }, gone.signal);
    source.write('one\n');
    await log.changed;
    gone.abort();
    expect(await following).toBe('one\n');
    source.end();
    await captured;
    await log.end();
  });

  it('remembers its last lines within the bounds of a termination message', async () => {
    const log = aLog();
    await log.capture(chunks(numbers(1, 500)), 'stderr');
    expect(log.tail).toBe(numbers(421, 500));
    await log.capture(chunks(`${'x'.repeat(5000)}\n`), 'stderr');
    expect(log.tail).toHaveLength(2048);
    await log.end();
  });
});
